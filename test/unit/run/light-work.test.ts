import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Vault } from '../../../src/client/api.ts';
import { createFolder } from '../../../src/client/local/vault-folder.ts';
import { LocalVault } from '../../../src/client/vault.ts';
import type { Fragment, SegmentFragment, SetNode } from '../../../src/plan/fragment.ts';
import { EmbeddedLink } from '../../../src/run/embedded.ts';
import { isLight } from '../../../src/run/light-work.ts';
import { threadPool } from '../../../src/run/pool.node.ts';
import { createFileStore } from '../../../src/store/backends/file.ts';
import { LEAST_COST } from '../../../src/keys/kdf.ts';
import { PASSPHRASE } from '../../support/vaults.ts';

const posting = (): SetNode => ({ kind: 'posting', token: new Uint8Array(32) });
const share = (part: Partial<SegmentFragment>): SegmentFragment => ({
  segment: '0'.repeat(32),
  nodes: [posting()],
  filter: 0,
  groups: [],
  counts: [-1],
  sums: [],
  tallies: [],
  members: [],
  ...part,
});
const COUNT = { kind: 'aggregate', outputs: [], counts: 1, tallies: 0, maxGroups: 1 } as const;
const fragment = (
  segments: readonly SegmentFragment[],
  work: Fragment['work'] = COUNT,
): Fragment => ({ version: 1, table: '0'.repeat(32), epoch: 1, work, segments });

test('few lists are light; sums, groups, tallies, other indexes and many lists are not', () => {
  expect(isLight(fragment([share({}), share({})]))).toBe(true);
  expect(isLight(fragment([share({})], { kind: 'rows' }))).toBe(true);
  expect(isLight(fragment([share({})], { kind: 'members', maxGroups: 1 }))).toBe(false);
  const outputs = [{ kind: 'sum', limbs: 2 }] as const;
  expect(isLight(fragment([share({})], { ...COUNT, outputs }))).toBe(false);
  expect(isLight(fragment([share({})], { ...COUNT, tallies: 1 }))).toBe(false);
  expect(isLight(fragment([share({}), share({ groups: [[0]] })]))).toBe(false);
  const lookup = { kind: 'lookup', rung: 0, token: new Uint8Array(32) } as const;
  expect(isLight(fragment([share({ nodes: [posting(), lookup] })]))).toBe(false);
  const many = Array.from({ length: 20 }, posting);
  expect(isLight(fragment([share({ nodes: many }), share({ nodes: many })]))).toBe(true);
  expect(isLight(fragment([1, 2, 3, 4].map(() => share({ nodes: many }))))).toBe(false);
});

describe('a table of many rows', () => {
  const folder = mkdtempSync(join(tmpdir(), 'opaline-light-'));
  let vault: Vault;
  let inThreads = 0;
  beforeAll(async () => {
    const backend = await createFileStore(join(folder, 'store'));
    const link = new EmbeddedLink(backend, {
      threads: 1,
      pool: (arena) => {
        const pool = threadPool(backend.descriptor, 1, arena);
        const run = ((task, signal) => {
          inThreads++;
          return pool.run(task, signal);
        }) satisfies typeof pool.run;
        return Promise.resolve({ ...pool, run });
      },
    });
    vault = new LocalVault(
      await createFolder(join(folder, 'vault'), 'here', PASSPHRASE, '', LEAST_COST),
      link,
      0,
    );
    const schema = {
      version: 1,
      table: 't',
      columns: { x: { type: 'text' }, y: { type: 'integer' } },
    } as const;
    for (const from of [0, 60_000]) {
      const rows = Array.from({ length: 60_000 }, (_, i) => ({ x: `x${i % 500}`, y: from + i }));
      await vault.ingest(schema, rows, { append: from > 0 });
    }
  });
  afterAll(async () => {
    await vault.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const tasks = async (sql: string, cell: string): Promise<number> => {
    const before = inThreads;
    const { rows } = await vault.query(sql);
    expect(rows[0]![0]).toBe(cell);
    return inThreads - before;
  };

  test('a thread reads its indexes; then a count of few lists takes none, and is the same', async () => {
    const sql = "SELECT COUNT(*) FROM t WHERE x IN ('x1', 'x499')";
    expect(await tasks(sql, '480')).toBe(2);
    expect(await tasks(sql, '480')).toBe(0);
    expect(await tasks("SELECT COUNT(*) FROM t WHERE x = 'x7'", '240')).toBe(0);
    expect(await tasks("SELECT COUNT(*) FROM t WHERE x = 'none'", '0')).toBe(0);
  });

  test('sums are for threads', async () => {
    const sum = Array.from({ length: 240 }, (_, i) => 500 * i + 7).reduce((a, b) => a + b);
    expect(await tasks("SELECT SUM(y) FROM t WHERE x = 'x7'", String(sum))).toBe(2);
  });

  test('deleted rows are left out of it', async () => {
    await vault.delete("DELETE FROM t WHERE x = 'x7' AND y < 60000");
    const sql = "SELECT COUNT(*) FROM t WHERE x = 'x7'";
    expect(await tasks(sql, '120')).toBe(0);
    expect(await tasks("SELECT COUNT(*) FROM t WHERE x IN ('x7', 'x8')", '360')).toBe(0);
  });
});
