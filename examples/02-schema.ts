/**
 * Your own schema. A CSV file needs none, its types are inferred. What cannot be inferred is what you will ask and what the
 * store must not see of it. 6,433 taxi rides, first as they come, then by a schema: what was refused is answered, what was
 * dear costs less, and what showed is hidden.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { avg, count, createVault, defineSchema, type QueryResult } from 'opaline/client';
import { isOpalineError } from 'opaline/errors';
import { fraction } from './flights/exact.ts';
import { readCsv } from './support/csv.ts';
import { bytes, count as number, table } from './support/print.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const CSV = fileURLToPath(new URL('../test/vectors/tabular/taxis/data.csv', import.meta.url));
const AIRPORTS = "SELECT COUNT(*), AVG(fare) FROM taxis WHERE pickup_zone LIKE '%Airport%'";
const TIPS = 'SELECT CORR(tip, fare), REGR_SLOPE(tip, fare) FROM taxis';
const PAYMENTS = 'SELECT payment, COUNT(*) FROM taxis GROUP BY payment ORDER BY payment';

await using folder = await temporaryFolder();
await using vault = await createVault(join(folder.path, 'vault'), {
  store: join(folder.path, 'store'),
  passphrase: 'correct horse battery staple',
});

await vault.ingestFile(CSV, { table: 'taxis' });
const [inferred] = await vault.tables();
assert.ok(inferred);
const types = inferred.schema.columns.map(({ name, type, scale }) =>
  type === 'decimal' ? `${name}: decimal of ${scale} places` : `${name}: ${type}`,
);
console.log(`Inferred from ${number(inferred.rows)} rows: ${types.join(', ')}.\n`);

// A pattern within a text needs lists of its parts, which nobody asked for. The refusal says what to declare, and
// comes before anything is sent.
await assert.rejects(vault.query(AIRPORTS), (error) => {
  assert.ok(isOpalineError(error, 'CAPABILITY_MISSING'));
  console.log(`Refused: ${error.message}\n`);
  return true;
});
// With six numeric columns nobody stored all products of two: the store multiplies ciphertexts, and sends large replies.
const multiplied = await vault.query(TIPS);
// Rows with the same payment are found by lists: the store learns which belong together.
const shown = await vault.query(PAYMENTS);

const text = { type: 'text', nullable: true } as const;
const amount = { type: 'decimal', scale: 2, nullable: true } as const;
const schema = defineSchema({
  version: 1,
  table: 'taxis',
  columns: {
    pickup: { type: 'timestamp', nullable: true },
    dropoff: { type: 'timestamp', nullable: true },
    passengers: { type: 'integer', nullable: true },
    distance: amount,
    fare: amount,
    tip: amount,
    tolls: amount,
    total: amount,
    color: text,
    payment: text,
    // Parts of three characters have lists: LIKE '%…%' is answered.
    pickup_zone: { ...text, search: { index: 'sse', ngram: 3 } },
    dropoff_zone: text,
    pickup_borough: text,
    dropoff_borough: text,
  },
  // Encrypted as a column of its own at ingest, and then only added up.
  pairs: [['fare', 'tip']],
  // A ciphertext column for each value: grouping by it shows the store no group.
  groupBy: { payment: 'oblivious' },
});

// From the store's own records: nothing is uploaded by hand again, and queries are answered meanwhile.
const { rows: reindexed } = await vault.reindex(schema);
assert.equal(reindexed, inferred.rows);

const airports = await vault.query(AIRPORTS);
const stored = await vault.query(TIPS);
const hidden = await vault.query(PAYMENTS);
const [own] = await vault.tables();
assert.ok(own);

const dataBytes = (info: typeof own): string =>
  bytes(Object.values(info.atRest).reduce((sum, part) => sum + part, 0));
const down = ({ stats }: QueryResult): string => `${bytes(stats.bytesDown)} sent back`;
const groups = ({ leakage }: QueryResult): string =>
  leakage.find(({ node }) => node.startsWith('groupBy'))?.onQuery[0] ?? 'no groups';
console.log(
  table(
    ['', 'inferred', 'own schema'],
    [
      ["LIKE '%Airport%'", 'refused', `${airports.rows[0]?.[0]} rides`],
      ['CORR(tip, fare)', down(multiplied), down(stored)],
      ['GROUP BY payment', groups(shown), groups(hidden)],
      ['at rest', dataBytes(inferred), dataBytes(own)],
    ],
  ),
);

// The answers are those of the file, to the last digit.
const rides = readCsv(CSV);
const cents = (cell: string | undefined): bigint => BigInt(Math.round(Number(cell) * 100));
const total = (of: typeof rides, column: string): bigint =>
  of.reduce((sum, ride) => sum + cents(ride[column]), 0n);
const fromAirports = rides.filter((ride) => ride['pickup_zone']?.includes('Airport'));
assert.deepEqual(airports.rows, [
  [
    String(fromAirports.length),
    fraction(total(fromAirports, 'fare'), 100n * BigInt(fromAirports.length)),
  ],
]);
assert.deepEqual(stored.rows, multiplied.rows);
assert.ok(stored.stats.bytesDown < multiplied.stats.bytesDown);
assert.deepEqual(hidden.rows, shown.rows);

// A schema's literal also types a query that is built: a column that is not there, a sum of text or a LIKE that no index
// answers does not compile.
const byCard = await vault
  .from(schema)
  .select(count(), avg('tip').as('tip'))
  .where('payment', '=', 'credit card')
  .execute();
const cards = rides.filter((ride) => ride['payment'] === 'credit card');
const meanTip = fraction(total(cards, 'tip'), 100n * BigInt(cards.length));
assert.deepEqual(byCard.rows, [{ count: String(cards.length), tip: meanTip }]);
console.log(`\nMean tip of ${byCard.rows[0]?.count} rides paid by card: ${byCard.rows[0]?.tip}`);

// Whatever is refused has a code of a closed list, here and over HTTP.
await assert.rejects(vault.query('SELECT AVG(speed) FROM taxis'), { code: 'UNKNOWN_COLUMN' });
