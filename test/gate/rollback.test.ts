import { copyFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { OpalineError } from '../../src/errors/opaline-error.ts';
import { STEPS } from '../../src/gate/governed/steps.ts';
import { assessable } from './support/assessable.ts';
import { ask, type Governed, governedVault, policyOf } from './support/governed.ts';
import { refused } from './support/refused.ts';

const COUNT = 'SELECT COUNT(*) FROM visits';
const BY_WARD = 'SELECT ward, SUM(days) FROM visits GROUP BY ward';

/** Something that changes a file of the governance, and that its owner would not have undone. */
const CHANGES: Readonly<Record<string, (governed: Governed) => Promise<unknown>>> = {
  'consent.opal': ({ governance }) =>
    governance.consent.withdraw({ subject: 'p1', purpose: 'quality', notice: null }, Date.now()),
  'principals.opal': ({ governance }) => governance.principals.revoke('ana'),
  'officers.opal': (governed) => governed.sign(policyOf({ revision: 2 })),
  'uses.opal': async (governed) => {
    await using gate = await governed.openGate();
    await gate.answer(ask(governed.token, COUNT));
  },
};

describe('an older copy of a file that says what is permitted', () => {
  test.each(Object.entries(CHANGES))(
    '%s is refused by whoever opens the vault',
    async (name, change) => {
      await using governed = await governedVault();
      const file = join(governed.path, 'governance', name);
      await copyFile(file, `${file}.old`);
      await change(governed);
      await governed.governance.logLift(new Date());
      await governed.vault.governance();
      await copyFile(`${file}.old`, file);
      await expect(governed.vault.governance()).rejects.toMatchObject({
        code: 'VAULT_CORRUPT',
        details: { reason: expect.stringContaining(`${name} is an older copy`) },
      });
    },
  );

  test('assessment.opal is refused, and so is none in its place', async () => {
    await using made = await assessable({});
    const { governed } = made;
    const file = join(governed.path, 'governance', 'assessment.opal');
    await made.assess();
    await copyFile(file, `${file}.old`);
    await made.assess();
    const { governance } = governed;
    await governance.logLift(new Date());
    const older = {
      code: 'VAULT_CORRUPT',
      details: { reason: expect.stringContaining('older copy') },
    };
    await copyFile(`${file}.old`, file);
    await expect(governed.vault.governance()).rejects.toMatchObject(older);
    await rm(file);
    await expect(governed.vault.governance()).rejects.toMatchObject(older);
  });

  test('incidents.opal lifts no freeze', async () => {
    await using governed = await governedVault();
    const { governance } = governed;
    const opening = { by: 'the owner', reason: 'a token was lost', principals: [], purposes: [] };
    const open = (freeze: boolean): Promise<unknown> =>
      governance.incidents.open(
        { ...opening, freeze, rotate: false },
        { tables: () => Promise.resolve([]), rotate: () => Promise.resolve(0) },
      );
    await open(false);
    const file = join(governed.path, 'governance', 'incidents.opal');
    await copyFile(file, `${file}.old`);
    await open(true);
    await copyFile(`${file}.old`, file);
    await expect(governed.vault.governance()).rejects.toMatchObject({
      code: 'VAULT_CORRUPT',
      details: { reason: expect.stringContaining('incidents.opal is an older copy') },
    });
  });

  test('is refused by a gate that is open', async () => {
    await using governed = await governedVault();
    await using gate = await governed.openGate();
    await gate.answer(ask(governed.token, COUNT));
    const file = join(governed.path, 'governance', 'consent.opal');
    await copyFile(file, `${file}.old`);
    await CHANGES['consent.opal']!(governed);
    await gate.answer(ask(governed.token, COUNT)).catch(() => undefined);
    await copyFile(`${file}.old`, file);
    await refused(gate.answer(ask(governed.token, BY_WARD)), 'DENIED', 'could not answer');
  });

  test('of what was released is refused by the next gate', async () => {
    await using governed = await governedVault();
    const folder = join(governed.path, 'releases');
    {
      await using gate = await governed.openGate();
      await gate.answer(ask(governed.token, COUNT));
    }
    const name = (await readdir(folder)).find((one) => one.endsWith('.opal'))!;
    await copyFile(join(folder, name), join(governed.path, 'older'));
    {
      await using gate = await governed.openGate();
      await gate.answer(ask(governed.token, BY_WARD));
    }
    // An entry of another process in between, which knows of no ledger.
    await governed.governance.consent.withdraw(
      { subject: 'p1', purpose: 'quality', notice: null },
      Date.now(),
    );
    await copyFile(join(governed.path, 'older'), join(folder, name));
    await refused(governed.openGate(), 'LEDGER_INVALID', 'older copy');
    await rm(join(folder, name));
    await refused(governed.openGate(), 'LEDGER_INVALID', 'of 0 records');
    // Refused for that, not for a gate that was left locked.
    await refused(governed.openGate(), 'LEDGER_INVALID');
  });

  test('of a freeze does not lift it', async () => {
    await using governed = await governedVault();
    {
      await using gate = await governed.openGate({
        steps: {
          ...STEPS,
          computed: async () => {
            await governed.vault['folder'].release!.freeze();
            throw new OpalineError('ANSWER_FALSIFIED', {});
          },
        },
      });
      await refused(gate.answer(ask(governed.token, COUNT)), 'DENIED', 'could not answer');
    }
    await rm(join(governed.path, 'release.opal'));
    expect(await governed.vault.frozenSince()).toBeUndefined();
    await using gate = await governed.openGate();
    expect(await governed.vault.frozenSince()).toBeInstanceOf(Date);
    await refused(gate.answer(ask(governed.token, COUNT)), 'DENIED', 'could not answer');
    await governed.vault.liftFreeze();
    await gate.answer(ask(governed.token, COUNT));
  });
});

test('how figures are released is the officers’, where their policy says it', async () => {
  const releases = { visits: { mode: 'exact', floor: 25 } } as const;
  await using governed = await governedVault({ policy: { releases } });
  await using gate = await governed.openGate();
  const settings = join(governed.path, 'releases', 'settings.json');
  await writeFile(settings, JSON.stringify({ visits: { mode: 'exact', floor: 2 } }));
  await refused(gate.answer(ask(governed.token, BY_WARD)), 'DENIED', 'fewer than 25 subjects');
  await governed.sign(policyOf({ revision: 2, releases: { visits: { mode: 'exact', floor: 3 } } }));
  await gate.answer(ask(governed.token, BY_WARD));
  // What its owner is told of is what the gate goes by.
  const [budget] = await (await governed.vault.releases()).budgets('visits');
  expect(budget).toMatchObject({ mode: 'exact', releases: 1 });
  // A policy that says nothing of it leaves it to the file.
  await governed.sign(policyOf({ revision: 3 }));
  await gate.answer(ask(governed.token, `${BY_WARD} ORDER BY ward`));
});
