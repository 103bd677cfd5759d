/**
 * One process, one table twice: encrypted in a store folder, and in SQLite in plaintext. Questions take
 * turns between SQLite and the store with one and with two threads, round after round; the figure is
 * the least of all rounds, so that other work on the machine shows as little as it can.
 *
 * `node bench/query/main.ts [rows] [rounds] [folder]` prints JSON; 3 million rows take about a minute to
 * encrypt, or none where the folder holds them from an earlier run. Build the kernels first.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createVault, openVault } from '../../src/client/vault.ts';

const rows = Number(process.argv[2] ?? 3_000_000);
const rounds = Number(process.argv[3] ?? 5);
const given = process.argv[4];
const folder = given ?? (await mkdtemp(join(os.tmpdir(), 'opaline-bench-')));
const passphrase = 'a passphrase of a benchmark';

/** xorshift32: the same table in every run. */
function* table(): Generator<{ x: number; k: string; g: string }> {
  let state = 12_345;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  for (let i = 0; i < rows; i += 1) {
    yield { x: next() % 10_000, k: `k${next() % 10}`, g: `g${next() % 64}` };
  }
}

const QUESTIONS = [
  'SELECT SUM(x) FROM t',
  "SELECT SUM(x) FROM t WHERE k = 'k3'",
  "SELECT SUM(x) FROM t WHERE k <> 'k3'",
  "SELECT AVG(x), COUNT(*) FROM t WHERE k = 'k3' AND g = 'g7'",
  'SELECT g, SUM(x), COUNT(*) FROM t GROUP BY g ORDER BY g',
];

const database = new DatabaseSync(':memory:');
database.exec('CREATE TABLE t (x INTEGER, k TEXT, g TEXT); BEGIN');
const insert = database.prepare('INSERT INTO t VALUES (?, ?, ?)');
for (const { x, k, g } of table()) insert.run(x, k, g);
database.exec('COMMIT');

const vaultFolder = join(folder, 'vault');
if (!existsSync(vaultFolder)) {
  await using vault = await createVault(vaultFolder, { store: join(folder, 'store'), passphrase });
  const columns = { x: { type: 'integer' }, k: { type: 'text' }, g: { type: 'text' } };
  await vault.ingest({ version: 1, table: 't', columns }, table());
}
const vaults = await Promise.all(
  [1, 2].map((threads) => openVault(vaultFolder, { passphrase, threads })),
);

async function timed(run: () => unknown): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

const round = (value: number): number => Number(value.toPrecision(3));
const results = [];
for (const sql of QUESTIONS) {
  const cases = [
    (): unknown => database.prepare(sql).all(),
    ...vaults.map((vault) => (): unknown => vault.query(sql)),
  ];
  const first: number[] = [];
  for (const run of cases) first.push(await timed(run));
  const best = cases.map(() => Infinity);
  for (let i = 0; i < rounds; i += 1) {
    for (const [c, run] of cases.entries()) best[c] = Math.min(best[c]!, await timed(run));
  }
  const [sqlite, one, two] = best as [number, number, number];
  results.push({
    sql,
    milliseconds: { sqlite: round(sqlite), oneThread: round(one), twoThreads: round(two) },
    firstTime: { oneThread: round(first[1]!), twoThreads: round(first[2]!) },
    'SQLite / two threads': round(sqlite / two),
    'one thread / two': round(one / two),
  });
}
for (const vault of vaults) await vault.close();
if (given === undefined) await rm(folder, { recursive: true, force: true });
console.log(
  JSON.stringify(
    { rows, cpu: os.cpus()[0]?.model, node: process.version, load: os.loadavg()[0], results },
    null,
    2,
  ),
);
