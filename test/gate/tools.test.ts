import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NOTE_SIGNATURE, noteKeyOfSecret } from '../../src/bytes/note-key.ts';
import { randomBytes } from '../../src/bytes/random.ts';
import { readGovernance } from '../../src/client/governance/backup-files.ts';
import { isGovernanceWhole } from '../../src/client/governance/file-names.ts';
import { governanceFiles } from '../../src/client/governance/governance-files.ts';
import { certifyTool } from '../../src/client/governance/tools/vault-tool.ts';
import { openFolder } from '../../src/client/local/vault-folder.ts';
import type { OpenFolder } from '../../src/client/local/vault-host.ts';
import { verifyVaultLog } from '../../src/client/governance/verify-vault-log.ts';
import { LocalVault } from '../../src/client/vault.ts';
import type { Ask, Steps } from '../../src/gate/governed/cases.ts';
import { STEPS } from '../../src/gate/governed/steps.ts';
import { bundleHash, type ToolQuery } from '../../src/policy/tool/bundle.ts';
import { failedChecks } from '../../src/policy/tool/report.ts';
import { EmbeddedLink } from '../../src/run/embedded.ts';
import { MemoryBackend } from '../../src/store/backends/memory.ts';
import { PASSPHRASE } from '../support/vaults.ts';
import { type Governed, governedVault, oracle, policyOf } from './support/governed.ts';
import { refused } from './support/refused.ts';
import {
  type BoundTool,
  boundTool,
  BUNDLE,
  certificateOf,
  IN_WARD,
  logged,
  logSize,
  RULES,
  STAYS,
  tested,
  TOOLS_OFF,
  waitingLink,
} from './support/tools.ts';

const COUNT = 'SELECT COUNT(*) FROM visits';

const { link, hold } = waitingLink(new EmbeddedLink(new MemoryBackend()));
let governed: Governed;

beforeAll(async () => {
  governed = await governedVault({ link, policy: { rules: RULES } });
});

afterAll(() => governed[Symbol.asyncDispose]());

let names = 0;
const newTool = (changes: Parameters<typeof boundTool>[2] = {}): Promise<BoundTool> =>
  boundTool(governed, `tool-${names++}`, changes);

async function answer(asking: Ask, steps: Steps = STEPS): Promise<readonly unknown[]> {
  await using gate = await governed.openGate({ steps });
  return (await gate.answer(asking)).result.rows;
}

type Guarded = keyof typeof TOOLS_OFF;

/** A property of tools at the gate, and the steps without whose guards on tools it does not hold. */
interface Property {
  readonly says: string;
  readonly off: readonly Guarded[];
  readonly holds: (steps: Steps) => Promise<void>;
}

/** One that asks for more than it may: refused, suspended, and then refused what it might have asked. */
const excess = (
  says: string,
  changes: Parameters<typeof boundTool>[2],
  reason: string,
  asks: (tool: BoundTool) => readonly Ask[],
): Property => ({
  says,
  off: ['may'],
  holds: async (steps) => {
    const tool = await newTool(changes);
    await tool.certify();
    const from = logSize(governed);
    const all = asks(tool);
    for (const asking of all.slice(0, -1)) await answer(asking, steps);
    await refused(answer(all.at(-1)!, steps), 'DENIED', reason);
    await refused(answer(tool.ask(IN_WARD, 'a'), steps), 'DENIED', 'is suspended');
    expect(await logged(governed, 'tool.suspend', from)).toEqual([
      expect.objectContaining({
        tool: tool.bundle.name,
        principal: tool.bundle.name,
        reason: expect.stringContaining(reason) as string,
      }),
    ]);
  },
});

/** What is computed for a tool while something happens is not released. */
const meanwhile = (
  says: string,
  reason: string,
  happens: (tool: BoundTool, steps: Steps, clock: { late: number }) => Promise<unknown>,
): Property => ({
  says,
  off: ['settled'],
  holds: async (steps) => {
    const tool = await newTool();
    await tool.certify();
    const clock = { late: 0 };
    await using gate = await governed.openGate({ steps, now: () => Date.now() + clock.late });
    const { begun, go } = hold();
    const from = logSize(governed);
    const answering = gate.answer(tool.ask(STAYS, 0));
    const settled = Promise.allSettled([answering]);
    await begun;
    await happens(tool, steps, clock);
    go();
    await settled;
    await refused(answering, 'DENIED', reason);
    expect(await logged(governed, 'release.outcome', from)).toEqual([
      expect.objectContaining({ released: false, step: 'settled' }),
    ]);
  },
});

const limits = { calls: { limit: 2, per: 'day' }, cells: { limit: 2, per: 'day' } } as const;

const PROPERTIES: readonly Property[] = [
  {
    says: 'nothing is answered before it is certified, nor to a tool of no bundle',
    off: ['may', 'settled'],
    holds: async (steps) => {
      const tool = await newTool();
      await refused(answer(tool.ask(IN_WARD, 'a'), steps), 'DENIED', 'not certified');
      const loose = { name: `loose-${names++}`, kind: 'tool', roles: [], expires: null } as const;
      const token = await governed.governance.principals.add(loose, Date.now());
      await refused(answer({ ...tool.ask(COUNT), token }, steps), 'DENIED', 'not certified');
      await tool.certify();
      expect(await answer(tool.ask(IN_WARD, 'a'), steps)).toEqual(
        await oracle("SELECT COUNT(*) FROM visits WHERE ward = 'a'"),
      );
    },
  },
  {
    says: 'nothing is answered under another bundle than the one that was certified',
    off: ['may', 'settled'],
    holds: async (steps) => {
      const tool = await newTool();
      await tool.certify();
      const next = { ...tool.bundle, release: '2.2' };
      await governed.governance.tools.certify(next, await certificateOf(governed, next));
      await refused(answer(tool.ask(IN_WARD, 'a'), steps), 'DENIED', 'not certified');
    },
  },
  {
    says: 'nothing is answered past its time',
    off: ['may', 'settled'],
    holds: async (steps) => {
      const tool = await newTool();
      await tool.certify(Date.now() + 3_600_000);
      await using gate = await governed.openGate({ steps, now: () => Date.now() + 3_600_000 });
      await refused(gate.answer(tool.ask(IN_WARD, 'a')), 'DENIED', 'expired');
    },
  },
  {
    says: 'nothing is answered under another policy than the one that it was certified under',
    off: ['may', 'settled'],
    holds: async (steps) => {
      const tool = await newTool();
      await tool.certify();
      const { document } = await governed.governance.policy.read();
      const revision = document.revision + 1;
      await governed.sign(policyOf({ revision, rules: RULES, description: `${revision}` }));
      await refused(answer(tool.ask(IN_WARD, 'a'), steps), 'DENIED', 'another policy');
      await tool.certify();
      await answer(tool.ask(IN_WARD, 'a'), steps);
    },
  },
  {
    says: 'an answer of another shape than it was certified for is not released',
    off: ['may'],
    holds: async (steps) => {
      const output = { columns: [{ name: 'sum', type: 'number' }], rows: 1 } as const;
      const [, query] = BUNDLE.queries as readonly [ToolQuery, ToolQuery];
      const tool = await newTool({ queries: [{ ...query, output }] });
      await tool.certify();
      await refused(answer(tool.ask(IN_WARD, 'a'), steps), 'DENIED', 'not as the tool says');
    },
  },
  excess('another query suspends it', {}, 'not one of the tool’s', (tool) => [tool.ask(COUNT)]),
  excess('another purpose suspends it', {}, 'not for the purpose', (tool) => [
    { ...tool.ask(IN_WARD, 'a'), purpose: 'billing' },
  ]),
  excess('a parameter out of its slot suspends it', {}, 'parameter 1 of', (tool) => [
    tool.ask(IN_WARD, 'c'),
  ]),
  excess('more calls than it may suspend it', { limits }, '2 of the tool’s 2 calls', (tool) => [
    tool.ask(IN_WARD, 'a'),
    tool.ask(IN_WARD, 'a'),
    tool.ask(IN_WARD, 'a'),
  ]),
  excess(
    'more cells than it may suspend it',
    { limits: { ...limits, calls: { limit: 9, per: 'day' } } },
    '2 of the tool’s 2 cells',
    (tool) => [tool.ask(IN_WARD, 'a'), tool.ask(IN_WARD, 'a'), tool.ask(IN_WARD, 'a')],
  ),
  {
    says: 'a restart keeps the suspension',
    off: ['may', 'settled'],
    holds: async (steps) => {
      const tool = await newTool();
      await tool.certify();
      await answer(tool.ask(COUNT)).catch(() => undefined);
      const folder = await openFolder(governed.path, PASSPHRASE);
      const again = new LocalVault(folder, link, 0);
      await using gate = await (await again.governance()).openGate({ steps });
      await refused(gate.answer(tool.ask(IN_WARD, 'a')), 'DENIED', 'is suspended');
      await folder.secrets.close();
    },
  },
  {
    says: 'one that was cut off stays so until it is certified anew',
    off: ['may', 'settled'],
    holds: async (steps) => {
      const { tools } = governed.governance;
      const tool = await newTool();
      const { name } = tool.bundle;
      const from = logSize(governed);
      const before = await tool.certify();
      await tools.revoke(name, 'the contract ended');
      await refused(answer(tool.ask(IN_WARD, 'a'), steps), 'DENIED', 'was revoked');
      await refused(tools.certify(tool.bundle, before), 'TOOL_INVALID', 'before');
      await refused(answer(tool.ask(IN_WARD, 'a'), steps), 'DENIED', 'was revoked');
      await tool.certify();
      await answer(tool.ask(IN_WARD, 'a'), steps);
      expect(await logged(governed, 'tool.revoke', from)).toEqual([
        expect.objectContaining({ tool: name, reason: 'the contract ended' }),
      ]);
      expect(await logged(governed, 'tool.certify', from)).toHaveLength(2);
    },
  },
  {
    says: 'nothing is answered from files that were altered, or are gone',
    off: ['may', 'settled'],
    holds: async (steps) => {
      const tool = await newTool();
      await tool.certify();
      const path = join(governed.path, 'governance', 'tools.opal');
      const bytes = await readFile(path);
      const altered = Buffer.from(bytes);
      altered[bytes.length >> 1]! ^= 1;
      try {
        await writeFile(path, altered);
        await expect(governed.governance.tools.list()).rejects.toMatchObject({
          code: 'VAULT_CORRUPT',
        });
        await refused(answer(tool.ask(IN_WARD, 'a'), steps), 'DENIED', 'could not answer');
        await rm(path);
        await refused(answer(tool.ask(IN_WARD, 'a'), steps), 'DENIED', 'not certified');
      } finally {
        await writeFile(path, bytes);
      }
      await answer(tool.ask(IN_WARD, 'a'), steps);
    },
  },
  {
    says: 'a certificate of others than the officers is none',
    off: ['may', 'settled'],
    holds: async (steps) => {
      const tool = await newTool();
      const forged = await certificateOf(governed, tool.bundle, undefined, randomBytes(32));
      const { tools } = governed.governance;
      await refused(tools.certify(tool.bundle, forged), 'TOOL_INVALID', 'no signature');
      await tool.certify();
      // Whoever could write the file still could not sign.
      const { folder } = governed.vault as unknown as { readonly folder: OpenFolder };
      const files = governanceFiles(join(governed.path, 'governance'), folder.secrets);
      const before = await files.tools.read();
      await files.tools.change((value) => ({
        tools: value.tools.map((one) =>
          one.bundle.name === tool.bundle.name ? { ...one, certificate: forged } : one,
        ),
      }));
      try {
        await refused(answer(tool.ask(IN_WARD, 'a'), steps), 'DENIED', 'could not answer');
      } finally {
        await files.tools.change(() => before);
      }
      await answer(tool.ask(IN_WARD, 'a'), steps);
    },
  },
  meanwhile('revoked during a long compute, it is released nothing', 'was revoked', (tool) =>
    governed.governance.tools.revoke(tool.bundle.name, 'cut off in time'),
  ),
  meanwhile('suspended during a long compute, it is released nothing', 'is suspended', (tool) =>
    governed.governance.tools
      .find(bundleHash(tool.bundle))
      .then((standing) => governed.governance.tools.suspend(standing!, 'x', 'excess elsewhere')),
  ),
  meanwhile(
    'its certificate over during a long compute, it is released nothing',
    'expired',
    (_tool, _steps, clock) => {
      clock.late = 86_400_000;
      return Promise.resolve();
    },
  ),
];

const without = (off: readonly Guarded[]): Steps => ({
  ...STEPS,
  ...Object.fromEntries(off.map((step) => [step, TOOLS_OFF[step]])),
});

describe.each(PROPERTIES)('$says', ({ holds, off }) => {
  test('it holds', async () => {
    await holds(STEPS);
  });

  test(`with the guard of ${off.join(' and ')} off, it does not`, async () => {
    await expect(holds(without(off))).rejects.toThrow();
  });
});

describe('an over-asking tool is caught before it is certified', () => {
  const output = { columns: [{ name: 'count', type: 'number' }], rows: 1 } as const;
  const query = (name: string, sql: string, changes: Partial<ToolQuery> = {}): ToolQuery => {
    return { name, sql, parameters: [], output, ...changes };
  };

  test('by the check of what it asks too much', async () => {
    const bundle = {
      ...BUNDLE,
      name: 'greedy',
      queries: [
        query('fields', 'SELECT COUNT(*) FROM visits WHERE cost > 5'),
        query('rules', 'SELECT ward FROM visits'),
        query('plans', 'SELECT COUNT(*) FROM visits WHERE days = $2', {
          parameters: [{ kind: 'integer', min: 0, max: 9 }],
        }),
        query('limits', 'SELECT COUNT(days) FROM visits', { output: { ...output, rows: 99_999 } }),
        query('answers', 'SELECT ward AS count FROM visits GROUP BY ward'),
      ],
    };
    const report = await tested(governed, bundle);
    const failed = failedChecks(report).map(({ id, query: of }) => [id, of]);
    expect(failed).toEqual([
      ['limits', null],
      ['fields', 'fields'],
      ['rules', 'rules'],
      ['plans', 'plans'],
      ['answers', 'limits'],
      ['answers', 'answers'],
    ]);
    await refused(certifyTool(governed.governance, bundle, report, [], 0), 'TOOL_INVALID', '6 ');
    expect((await governed.governance.tools.list()).map((one) => one.bundle.name)).not.toContain(
      'greedy',
    );
  });

  test('a purpose that is not there', async () => {
    const report = await tested(governed, { ...BUNDLE, purpose: 'research' });
    expect(failedChecks(report).map(({ id }) => id)).toContain('purpose');
  });

  test('one that asks for no more passes, twice with the same report, and is certified', async () => {
    const tool = await newTool();
    const report = await tested(governed, tool.bundle);
    expect(failedChecks(report)).toEqual([]);
    expect(await tested(governed, tool.bundle)).toEqual(report);
    const { name, secret } = governed.officer;
    const signer = { key: noteKeyOfSecret(name, NOTE_SIGNATURE, secret), secret };
    const expires = Date.now() + 1_000_000;
    await certifyTool(governed.governance, tool.bundle, report, [signer], expires);
    await answer(tool.ask(IN_WARD, 'a'));
  });

  test('with the guard on tools off, the checks of what is refused fail', async () => {
    const report = await tested(governed, BUNDLE, { ...STEPS, ...TOOLS_OFF });
    const failed = new Set(failedChecks(report).map(({ id }) => id));
    expect(failed).toEqual(new Set(['strangers', 'refusals']));
  });

  test('a gate that answers wrongly fails the check of answers', async () => {
    const settled: Steps['settled'] = async (computed, services) => {
      const { result, ...rest } = await STEPS.settled(computed, services);
      const rows = result.rows.map((row) => [...row.slice(0, -1), `${row.at(-1)}1`]);
      return { ...rest, result: { ...result, rows } };
    };
    const report = await tested(governed, BUNDLE, { ...STEPS, settled });
    expect(new Set(failedChecks(report).map(({ id }) => id))).toEqual(new Set(['answers']));
  });
});

test('nobody but a tool is bound to a bundle', async () => {
  const added = { name: 'eve', kind: 'staff', roles: [], expires: null } as const;
  const bundle = '0'.repeat(64);
  await refused(governed.governance.principals.add({ ...added, bundle }, 0), 'USAGE', 'a tool');
});

test('a backup has the tools, and what was cut off', async () => {
  const tool = await newTool();
  await tool.certify();
  const files = await readGovernance(governed.path);
  const path = join(governed.path, 'governance', 'tools.opal');
  expect(files.get('governance/tools.opal')).toEqual(await readFile(path));
  expect(isGovernanceWhole(files.keys())).toBe(true);
});

test('the log tells whether a tool that was answered was certified', async () => {
  await using fresh = await governedVault({ policy: { rules: RULES } });
  const problems = async (): Promise<string[]> => {
    const { meaning } = await verifyVaultLog(fresh.vault['folder']);
    return meaning.findings.filter(({ level }) => level === 'problem').map(({ text }) => text);
  };
  const tool = await boundTool(fresh, 'certified', {});
  await tool.certify();
  const other = await boundTool(fresh, 'stranger', {});
  {
    await using gate = await fresh.openGate();
    await gate.answer(tool.ask(STAYS, 0));
  }
  expect(await problems()).toEqual([]);
  {
    await using gate = await fresh.openGate({ steps: { ...STEPS, ...TOOLS_OFF } });
    await gate.answer(other.ask(STAYS, 0));
  }
  expect((await problems()).join()).toContain('of no query of its tool');
});
