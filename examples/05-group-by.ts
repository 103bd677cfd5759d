/**
 * GROUP BY in three ways. 10,000 collisions of aircraft with birds, by state. A table groups by lists of rows (masks), by
 * ciphertext columns of each group that the store cannot tell apart (private), or by rows that were laid out together
 * (clustered). The answers are the same to the last digit; time, bytes and what the store learns are not, and EXPLAIN
 * says so before anything is asked.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createVault } from 'opaline/client';
import { fraction } from './flights/exact.ts';
import { readCsv } from './support/csv.ts';
import { bytes, table } from './support/print.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const WAYS = {
  masks: {},
  private: { groupBy: { state: 'oblivious' } },
  clustered: { layout: { clustered: 'state' } },
} as const;
type Way = keyof typeof WAYS;

const schemaOf = (way: Way): object => ({
  version: 1,
  table: `strikes_${way}`,
  columns: {
    state: { type: 'text' },
    phase: { type: 'text' },
    cost: { type: 'integer', range: ['0', '100000000'] },
    knots: { type: 'integer', range: ['0', '1000'], nullable: true },
  },
  undeclared: 'none',
  ...WAYS[way],
});
const sqlOf = (way: Way): string =>
  `SELECT state, COUNT(*), SUM(cost), AVG(knots) FROM strikes_${way}
   WHERE phase = 'Approach' GROUP BY state ORDER BY state`;

const csv = new URL('../data/birdstrikes.csv', import.meta.resolve('vega-datasets'));
const strikes = readCsv(csv).map((strike) => ({
  state: strike['Origin State']!,
  phase: strike['Phase of flight']!,
  cost: strike['Cost Total $']!,
  knots: strike['Speed IAS in knots'] || null,
}));

await using folder = await temporaryFolder();
await using vault = await createVault(join(folder.path, 'vault'), {
  store: join(folder.path, 'store'),
  passphrase: 'correct horse battery staple',
});
for (const way of Object.keys(WAYS) as Way[]) await vault.ingest(schemaOf(way), strikes);

// Before asking: every way beside the others, those that are not open with what they would need.
const { groupings } = await vault.explain(sqlOf('masks'));
console.log('EXPLAIN of the table without a declaration:\n');
for (const { way, chosen, needs, ms, bytes: replies, leakage } of groupings) {
  const open = chosen ? 'chosen' : needs === null ? 'open' : `needs ${needs}`;
  console.log(`  ${way}: ${open}`);
  console.log(`    about ${ms} ms, replies of ${bytes(replies)}`);
  console.log(`    shows ${leakage.flatMap(({ onQuery }) => onQuery).join('; ')}`);
}

// Asking: once to bring the columns into memory, then again.
const measured: (string | number)[][] = [];
const answers = new Map<Way, unknown>();
for (const way of Object.keys(WAYS) as Way[]) {
  const sql = sqlOf(way);
  const explained = await vault.explain(sql);
  // The declaration is kept: a private column is never grouped by in another way.
  assert.equal(explained.groupings.find(({ chosen }) => chosen)?.way, way);
  await vault.query(sql);
  const { rows, stats } = await vault.query(sql);
  const info = (await vault.tables()).find((one) => one.table === `strikes_${way}`)!;
  answers.set(way, rows);
  measured.push([
    way,
    `${stats.ms.toFixed(1)} ms`,
    bytes(stats.bytesUp),
    bytes(stats.bytesDown),
    bytes(info.atRest.column),
    info.ciphertextColumns,
  ]);
}
console.log('\nAsked, the second time:\n');
console.log(table(['way', 'time', 'up', 'down', 'columns at rest', 'of them'], measured));

// The same answers, and those of plaintext SQLite.
assert.deepEqual(answers.get('private'), answers.get('masks'));
assert.deepEqual(answers.get('clustered'), answers.get('masks'));
assert.deepEqual(answers.get('masks'), plainAnswer());
const first = plainAnswer()[0]!;
console.log(
  `\nAll three agree with SQLite on ${plainAnswer().length} states; the first: ${first.join(', ')}`,
);

function plainAnswer(): (string | null)[][] {
  using db = new DatabaseSync(':memory:');
  db.exec('CREATE TABLE strikes (state TEXT, phase TEXT, cost INTEGER, knots INTEGER)');
  const insert = db.prepare('INSERT INTO strikes VALUES (?, ?, ?, ?)');
  for (const { state, phase, cost, knots } of strikes) insert.run(state, phase, cost, knots);
  const found = db
    .prepare(
      `SELECT state, COUNT(*) AS strikes, SUM(cost) AS cost, SUM(knots) AS knots, COUNT(knots) AS known
       FROM strikes WHERE phase = 'Approach' GROUP BY state ORDER BY state`,
    )
    .all();
  return found.map(({ state, strikes, cost, knots, known }) => [
    String(state),
    String(strikes),
    String(cost),
    known === 0 ? null : fraction(BigInt(Number(knots)), BigInt(Number(known))),
  ]);
}
