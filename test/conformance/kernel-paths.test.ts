import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Vault } from '../../src/client/api.ts';
import { createVault } from '../../src/client/open-vault.ts';
import { PASSPHRASE } from '../support/vaults.ts';

interface Row {
  id: number;
  v: bigint | null;
  g: string;
}

const ROWS = 120_000;
/** Ids come in ascending order, but every segment places its rows by a secret permutation. */
const rows: Row[] = Array.from({ length: ROWS }, (_, id) => {
  const mixed = (id * 2_654_435_761) % 4_294_967_296;
  return {
    id,
    // Signed, past 2^32, so that sums take several limbs; NULL now and then.
    v: mixed % 11 === 0 ? null : BigInt(mixed - 2 ** 31) * 1_234_567n,
    g: mixed % 10 < 6 ? 'most' : mixed % 10 < 9 ? `some ${mixed % 7}` : `few ${mixed % 400}`,
  };
});

let folder: string;
let vault: Vault;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'opaline-paths-'));
  const options = { store: join(folder, 'store'), passphrase: PASSPHRASE, threads: 2 };
  vault = await createVault(join(folder, 'vault'), options);
  const schema = {
    version: 1,
    table: 't',
    columns: {
      id: { type: 'integer' },
      v: { type: 'integer', nullable: true },
      g: { type: 'text' },
    },
  };
  // Two segments of more than 50,000 rows: sealed and evaluated on threads.
  await vault.ingest(schema, rows.slice(0, 61_000));
  await vault.ingest(schema, rows.slice(61_000), { append: true });
}, 300_000);
afterAll(async () => {
  await vault.close();
  await rm(folder, { recursive: true, force: true });
});

function expected(wanted: readonly Row[]): [string, string, string | null, string | null] {
  const present = wanted.flatMap(({ v }) => (v === null ? [] : [v]));
  const sum = (values: bigint[]): string | null =>
    values.length === 0 ? null : String(values.reduce((a, b) => a + b, 0n));
  return [
    String(wanted.length),
    String(present.length),
    sum(present),
    sum(present.map((v) => v * v)),
  ];
}

const SUMS = 'COUNT(*), COUNT(v), SUM(v), SUM(v * v)';

it.each<[string, string, (row: Row) => boolean]>([
  ['every row: whole chunks', 'TRUE', () => true],
  ['all but one: the total less a row', 'id <> 70000', ({ id }) => id !== 70_000],
  ['all but a few of each chunk', 'id >= 370', ({ id }) => id >= 370],
  ['nine tenths: dense masks of what is missing', 'id >= 12000', ({ id }) => id >= 12_000],
  ['half', "g = 'most'", ({ g }) => g === 'most'],
  ['a few in each chunk: sparse masks', "g = 'few 9'", ({ g }) => g === 'few 9'],
  ['one row', 'id = 4096', ({ id }) => id === 4096],
  [
    'a narrow range over both segments',
    'id BETWEEN 60990 AND 61010',
    ({ id }) => id >= 60_990 && id <= 61_010,
  ],
  ['one segment alone', 'id < 61000', ({ id }) => id < 61_000],
  ['no row', "g = 'absent'", () => false],
  ['NULL', 'v IS NULL', ({ v }) => v === null],
])('%s', async (_, where, matches) => {
  const { rows: answer, stats } = await vault.query(`SELECT ${SUMS} FROM t WHERE ${where}`);
  const wanted = rows.filter(matches);
  expect(answer).toEqual([expected(wanted)]);
  expect(stats.rowsMatched).toBe(wanted.length);
});

it('groups of every size at once', async () => {
  const { rows: answer } = await vault.query(`SELECT g, ${SUMS} FROM t GROUP BY g ORDER BY g`);
  const groups = Map.groupBy(rows, ({ g }) => g);
  const wanted = [...groups].map(([g, members]) => [g, ...expected(members)]);
  expect(answer).toEqual(wanted.sort(([a], [b]) => (a! < b! ? -1 : 1)));
});

it('a cancelled query says so, and the next one is right', async () => {
  const controller = new AbortController();
  const running = vault.query(`SELECT g, ${SUMS} FROM t GROUP BY g`, [], {
    signal: controller.signal,
    onProgress: () => controller.abort(),
  });
  await expect(running).rejects.toMatchObject({ code: 'ABORTED' });
  expect((await vault.query('SELECT COUNT(*) FROM t')).rows).toEqual([[String(ROWS)]]);
});

it('every row but those deleted', async () => {
  const gone = ({ id, g }: Row): boolean => id === 4096 || g === 'few 9';
  await vault.delete("DELETE FROM t WHERE id = 4096 OR g = 'few 9'");
  const left = rows.filter((row) => !gone(row));
  expect((await vault.query(`SELECT ${SUMS} FROM t`)).rows).toEqual([expected(left)]);
  const few = await vault.query(`SELECT ${SUMS} FROM t WHERE id < 5000`);
  expect(few.rows).toEqual([expected(left.filter(({ id }) => id < 5000))]);
});
