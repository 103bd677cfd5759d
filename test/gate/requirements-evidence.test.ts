import { describe, expect, test } from 'vitest';
import { assessable } from './support/assessable.ts';
import {
  ask,
  BILLING,
  governedVault,
  oracle,
  policyOf,
  PURPOSE,
  ROWS,
} from './support/governed.ts';
import { refused } from './support/refused.ts';

const COUNT = 'SELECT COUNT(*) FROM visits';
const DAY = 86_400_000;

describe('risk evaluation with a response plan; assessment at least yearly', () => {
  const NIGHTS = {
    version: 1,
    table: 'stays',
    columns: [{ name: 'nights', type: 'integer', category: 'none' }],
  };
  const stays = { ...BILLING, table: 'stays', fields: ['nights'] };
  const needed = { assessment: 'required' } as const;

  test('denied without one, and from day 366 on; each risk has a plan', async () => {
    await using made = await assessable(needed);
    const { governed } = made;
    let later = 0;
    await using gate = await governed.openGate({ now: () => Date.now() + later });
    await refused(gate.answer(ask(governed.token, COUNT)), 'DENIED', 'was not assessed');
    const { risks, issued, expires } = await made.assess();
    expect(expires - issued).toBe(365 * DAY);
    expect(risks.every(({ inherent, residual }) => residual.score <= inherent.score)).toBe(true);
    for (const { plan } of risks) {
      expect(['retain', 'reduce', 'stop']).toContain(plan.decision);
    }
    expect((await gate.answer(ask(governed.token, COUNT))).result.rows).toEqual(
      await oracle(COUNT),
    );
    later = 365 * DAY;
    await refused(gate.answer(ask(governed.token, COUNT)), 'DENIED', 'assessment expired');
  });

  test('denied once purposes or the data map are not those that were assessed', async () => {
    await using made = await assessable(needed);
    const { governed } = made;
    await using gate = await governed.openGate();
    const answered = async (): Promise<void> => {
      const { result } = await gate.answer(ask(governed.token, COUNT));
      expect(result.rows).toEqual([[`${ROWS.length}`]]);
    };
    const denied = (): Promise<void> =>
      refused(gate.answer(ask(governed.token, COUNT)), 'DENIED', 'not those that were assessed');
    await made.assess();
    await answered();
    // Rows come and go as they like.
    await governed.vault.delete("DELETE FROM visits WHERE patient = 'nobody'");
    await answered();
    const purposes = { quality: PURPOSE, billing: BILLING, stays };
    await governed.sign(policyOf({ ...needed, revision: 2, purposes }));
    await denied();
    await made.assess();
    await answered();
    await governed.vault.ingest(NIGHTS, [{ nights: 3 }]);
    await denied();
    await made.assess();
    await answered();
  });

  test('is not asked for by a policy that does not require it', async () => {
    await using governed = await governedVault();
    await using gate = await governed.openGate();
    await gate.answer(ask(governed.token, COUNT));
  });
});

describe('qualified third parties and clouds', () => {
  test('no query is answered once the qualification of a processor has expired', async () => {
    await using made = await assessable({ assessment: 'required' });
    const { governed } = made;
    let later = 0;
    await using gate = await governed.openGate({ now: () => Date.now() + later });
    const cloud = {
      name: 'Cloud',
      role: 'runs the store',
      legalBasis: 'contract of 2026-01-01',
      region: 'EU',
      certificate: 'ISO/IEC 27701 no. 1',
      expires: new Date(Date.now() + DAY).toISOString(),
    };
    await made.assess({ processors: [cloud] });
    await gate.answer(ask(governed.token, COUNT));
    later = DAY;
    await refused(gate.answer(ask(governed.token, COUNT)), 'DENIED', 'processor "Cloud" expired');
  });
});

describe('a responsible person and body, sized to the data', () => {
  const organisation = { name: 'Ward', staff: 200, mainBusiness: true };

  test('the assessment says whether an officer and a body are due', async () => {
    await using made = await assessable({});
    for (const [context, due] of [
      [{ organisation, expected: 1_000_000 }, 'no'],
      [{ organisation: { ...organisation, staff: 201 } }, 'yes'],
      [{ organisation, expected: 1_000_001 }, 'yes'],
      [{ organisation: { ...organisation, staff: null } }, 'unknown'],
    ] as const) {
      expect((await made.assess(context)).officerDue).toBe(due);
    }
  });
});

describe('a tamper-evident log', () => {
  test('a log that was rolled back is refused when the vault is opened', async () => {
    const { cp, rm } = await import('node:fs/promises');
    const { join } = await import('node:path');
    await using governed = await governedVault();
    const log = join(governed.path, 'governance', 'log');
    const copy = join(governed.path, 'copy');
    await cp(log, copy, { recursive: true });
    {
      await using gate = await governed.openGate();
      await gate.answer(ask(governed.token, COUNT));
    }
    await rm(log, { recursive: true });
    await cp(copy, log, { recursive: true });
    await expect(governed.vault.governance()).rejects.toMatchObject({ code: 'LOG_ROLLBACK' });
  });
});
