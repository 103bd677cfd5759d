import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { backupVault, restoreVault } from '../../src/client/local/backup.ts';
import { openFolder } from '../../src/client/local/vault-folder.ts';
import { LocalVault } from '../../src/client/vault.ts';
import { NO_COST } from '../../src/policy/dp/budget.ts';
import type { ReleaseGuard } from '../../src/gate/governed/ports.ts';
import type { NoisySettings } from '../../src/policy/release/settings.ts';
import { EmbeddedLink } from '../../src/run/embedded.ts';
import { MemoryBackend } from '../../src/store/backends/memory.ts';
import { guardOver, MemoryLedgerFile, seeded } from '../support/release/memory.ts';
import { PASSPHRASE } from '../support/vaults.ts';
import { ask, OPEN_GUARD, ROWS, SCHEMA } from './support/governed.ts';
import { refused } from './support/refused.ts';
import { served, type Served } from './support/served.ts';
import { rowsOf, told } from './support/told.ts';

/** A figure of costs, over HTTP. @throws DENIED */
type Sum = (where?: string) => Promise<number>;

interface Attack {
  readonly says: string;
  /** What the guard refuses its last query with. */
  readonly refusal: string;
  /** What it learns of one person. */
  readonly learns: number;
  readonly run: (sum: Sum, to: Served) => Promise<number>;
}

const costOf = (person: string): number =>
  ROWS.reduce((sum, { patient, cost }) => (patient === person ? sum + cost : sum), 0);

const INFERENCE = 'with what was released before';
const COMPLEMENT = 'what a figure leaves of the table';

/** Scripts of somebody who has the gate's address and a token, and wants to know what "p7" of ward "b" cost. */
const ATTACKS: readonly Attack[] = [
  {
    says: 'differencing',
    refusal: INFERENCE,
    learns: costOf('p7'),
    run: async (sum) =>
      (await sum("WHERE ward <> 'a'")) - (await sum("WHERE ward <> 'a' AND patient <> 'p7'")),
  },
  {
    says: 'differencing by two people, of whom one knows their own',
    refusal: INFERENCE,
    learns: costOf('p7'),
    run: async (sum) =>
      (await sum("WHERE ward <> 'a'")) -
      (await sum("WHERE ward <> 'a' AND patient <> 'p7' AND patient <> 'p10'")) -
      costOf('p10'),
  },
  {
    // Denning, Denning and Schwartz, "The tracker", ACM TODS 4(1), 1979: the general tracker.
    says: 'a tracker',
    refusal: INFERENCE,
    learns: costOf('p7'),
    run: async (sum) => {
      const all = (await sum("WHERE ward = 'a'")) + (await sum("WHERE ward <> 'a'"));
      const padded = await sum("WHERE patient = 'p7' OR ward = 'a'");
      return padded + (await sum("WHERE patient = 'p7' OR ward <> 'a'")) - all;
    },
  },
  {
    says: 'the complement',
    refusal: COMPLEMENT,
    learns: costOf('p7'),
    run: async (sum) => (await sum()) - (await sum("WHERE patient <> 'p7'")),
  },
  {
    says: 'version drift, by what one append held',
    refusal: INFERENCE,
    learns: 777,
    run: async (sum, { governed }) => {
      const before = await sum();
      await governed.vault.ingest(SCHEMA, [{ ...ROWS[0]!, cost: 777 }], { append: true });
      return (await sum()) - before;
    },
  },
  {
    says: 'version drift, by what one deletion took',
    refusal: INFERENCE,
    learns: costOf('p7'),
    run: async (sum, { governed }) => {
      const before = await sum();
      await governed.vault.delete("DELETE FROM visits WHERE patient = 'p7'");
      return before - (await sum());
    },
  },
];

const sumOf =
  (to: Served): Sum =>
  async (where = '') => {
    const [row] = await rowsOf(to, `SELECT SUM(cost) FROM visits ${where}`, { purpose: 'billing' });
    return Number(row![0]);
  };

describe.each(ATTACKS)('$says', ({ refusal, learns, run }) => {
  test('is refused', async () => {
    await using to = await served();
    await expect(run(sumOf(to), to)).rejects.toMatchObject({
      code: 'DENIED',
      details: { reason: expect.stringContaining(refusal) },
    });
  });

  test('succeeds where the guard is off', async () => {
    await using to = await served({ gate: { guard: OPEN_GUARD } });
    expect(await run(sumOf(to), to)).toBe(learns);
  });
});

test('a vault that was restored remembers what was released before its backup', async () => {
  const link = new EmbeddedLink(new MemoryBackend());
  await using to = await served({ link });
  await sumOf(to)("WHERE ward <> 'a'");
  const aside = await mkdtemp(join(tmpdir(), 'opaline-restored-'));
  const [backup, path] = [join(aside, 'backup'), join(aside, 'vault')];
  await backupVault(to.governed.path, backup);
  await restoreVault(path, backup, PASSPHRASE);
  const folder = await openFolder(path, PASSPHRASE);
  {
    const restored = new LocalVault(folder, link, 0);
    await using gate = await (await restored.governance()).openGate();
    const sql = "SELECT SUM(cost) FROM visits WHERE ward <> 'a' AND patient <> 'p7'";
    const answer = gate.answer(ask(to.governed.token, sql, { purpose: 'billing' }));
    await refused(answer, 'DENIED', INFERENCE);
  }
  await folder.secrets.close();
  await rm(aside, { recursive: true });
});

describe('version drift, by whose consent ended', () => {
  const SUM = 'SELECT SUM(days) FROM visits';

  async function drift(to: Served): Promise<unknown> {
    const [before] = await rowsOf(to, SUM);
    const withdrawal = { subject: 'p7', purpose: 'quality', notice: null };
    await to.governed.governance.consent.withdraw(withdrawal, Date.now());
    const after = await told(to, SUM);
    return Array.isArray(after) ? Number(before![0]) - Number(after[0][0]) : after;
  }

  test('is refused', async () => {
    await using to = await served();
    expect(await drift(to)).toContain(INFERENCE);
  });

  test('succeeds where the guard is off', async () => {
    await using to = await served({ gate: { guard: OPEN_GUARD } });
    const own = ROWS.filter(({ patient }) => patient === 'p7');
    expect(await drift(to)).toBe(own.reduce((sum, { days }) => sum + days, 0));
  });
});

/** Noise of a standard deviation of 2.8 on a count: everybody has two rows. */
const NOISY: NoisySettings = {
  mode: 'dp',
  floor: 10,
  budget: { ...NO_COST, microEpsilon: 10_000_000 },
  query: { ...NO_COST, microEpsilon: 1_000_000 },
  rows: 2,
  bucket: 1,
};
const COUNT = 'SELECT COUNT(*) FROM visits';

describe('averaging by repetition', () => {
  async function answers(to: Served, times: number): Promise<number[]> {
    const all: number[] = [];
    for (let i = 0; i < times; i++) {
      // The same figure under another name, too.
      const [row] = await rowsOf(to, i % 2 === 0 ? COUNT : 'SELECT COUNT(*) AS visits FROM visits');
      all.push(Number(row![0]));
    }
    return all;
  }

  test('hears one answer, which cost once', async () => {
    await using to = await served({ release: NOISY });
    expect(new Set(await answers(to, 12)).size).toBe(1);
    const releases = await to.governed.vault.releases();
    const [{ spent } = { spent: NO_COST }] = await releases.budgets('visits');
    expect(spent.microEpsilon).toBe(NOISY.query.microEpsilon);
  });

  test('finds the figure where answers are not stored', async () => {
    const link = new EmbeddedLink(new MemoryBackend());
    const random = seeded(1);
    const forgetful: ReleaseGuard = {
      review: (request) => guardOver(new MemoryLedgerFile(), NOISY, random, link).review(request),
    };
    await using to = await served({ link, gate: { guard: forgetful } });
    const all = await answers(to, 64);
    expect(new Set(all).size).toBeGreaterThan(5);
    const mean = all.reduce((sum, one) => sum + one, 0) / all.length;
    expect(Math.abs(mean - ROWS.length)).toBeLessThan(1);
  });
});

describe('a hundred different queries at once, of four people, on a privacy budget for ten', () => {
  async function flood(to: Served, requests: number): Promise<unknown[]> {
    const tokens = [to.governed.token];
    for (const name of ['bea', 'cem', 'dov']) {
      const added = { name, kind: 'staff', roles: ['analyst'], expires: null } as const;
      tokens.push(await to.governed.governance.principals.add(added, Date.now()));
    }
    return await Promise.all(
      Array.from({ length: requests }, (_, i) =>
        told(to, `${COUNT} WHERE ward <> 'w${i}'`, tokens[i % tokens.length]),
      ),
    );
  }

  test('ten are answered', async () => {
    await using to = await served({ release: NOISY });
    const all = await flood(to, 100);
    expect(all.filter(Array.isArray).length).toBe(10);
    const refusals = new Set(all.filter((one) => !Array.isArray(one)));
    expect([...refusals]).toEqual([expect.stringContaining('privacy budget')]);
  });

  test('where the guard is off, all are, and exactly', async () => {
    await using to = await served({ release: NOISY, gate: { guard: OPEN_GUARD } });
    const all = await flood(to, 20);
    expect(all).toEqual(Array.from({ length: 20 }, () => [[`${ROWS.length}`]]));
  });
});
