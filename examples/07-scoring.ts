/**
 * Scoring encrypted rows by a model. A logistic model of "leaves more than 15 minutes late" is fitted to 20,000 flights in
 * plain, and then asked of 20,000 others that are encrypted.
 *
 * How many late departures does it expect at each airport? Sums answer that, and the store sees no weight and no score. A
 * linear model is answered exactly; the logistic function by a polynomial whose distance from it is proved, less with
 * each degree that the schema stores. Which flights does it expect to be late? That takes a score of each row, from
 * CKKS columns: the reply grows with the rows, and the store reads the weights.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { createVault, type Model } from 'opaline/client';
import { type Flight, readFlights } from './flights/data.ts';
import { fraction } from './flights/exact.ts';
import { fitLogistic } from './support/fit.ts';
import { bytes, table } from './support/print.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const ROWS = 20_000;
const AIRPORTS = ['ATL', 'DFW', 'EWR', 'JFK', 'LAX', 'ORD'];
const LATE = 15n;

/** What the model looks at, with as many places as the table keeps: of about the size of 1, so that z stays small. */
interface Features {
  readonly hour: string;
  readonly miles: string;
  readonly origin: string;
}
const flights = await readFlights(8 * ROWS);
const known = flights.slice(0, ROWS);
const asked = flights
  .slice(ROWS)
  .filter(({ origin }) => AIRPORTS.includes(origin))
  .slice(0, ROWS);
// Anybody's model will do, as long as its numbers are decimals.
const [intercept, hour, miles] = fitLogistic(
  known.map((flight) => numbersOf(featuresOf(flight))),
  known.map(({ delay }) => delay > LATE),
).map((weight) => Number(weight.toFixed(3))) as [number, number, number];
const model: Model = { weights: { hour, miles }, intercept, link: 'logistic' };

await using folder = await temporaryFolder();
await using vault = await createVault(join(folder.path, 'vault'), {
  store: join(folder.path, 'store'),
  passphrase: 'correct horse battery staple',
});
const columns = {
  origin: { type: 'text' },
  hour: { type: 'decimal', scale: 2 },
  miles: { type: 'decimal', scale: 2 },
};
const rows = asked.map(featuresOf);
await vault.ingest({ version: 1, table: 'plain', columns }, rows);
// Squares as columns of their own: their squares and products are stored too, and the polynomial may have degree 3.
const derived = { hour2: 'hour*hour', miles2: 'miles*miles' };
await vault.ingest({ version: 1, table: 'powers', columns, derived }, rows);

console.log(
  `z = ${model.intercept} + ${Object.entries(model.weights)
    .map(([name, weight]) => `${weight}·${name}`)
    .join(' + ')}; p = 1/(1 + e^-z)\n`,
);
const score = (row: Features): number => {
  const [one, x, y] = numbersOf(row);
  return 1 / (1 + Math.exp(-(intercept * one + hour * x + miles * y)));
};
const lines: (string | number)[][] = [];
let bound = Infinity;
for (const name of ['plain', 'powers']) {
  const { rows: groups, stats } = await vault.score({ ...model, table: name, groupBy: ['origin'] });
  const error = stats.errors![2]!;
  for (const [origin, count, mean] of groups) {
    const own = asked.filter((flight) => flight.origin === origin);
    const exact = average(own.map((flight) => score(featuresOf(flight))));
    assert.equal(Number(count), own.length);
    // Proved before it was computed, and kept.
    assert.ok(Math.abs(Number(mean) - exact) <= error);
    const late = average(own.map(({ delay }) => (delay > LATE ? 1 : 0)));
    lines.push([
      String(origin),
      name === 'plain' ? 'to 2' : 'to 3',
      Number(mean).toFixed(4),
      error.toFixed(4),
      exact.toFixed(4),
      late.toFixed(4),
      bytes(stats.bytesDown / groups.length),
    ]);
  }
  assert.equal(groups.length, AIRPORTS.length);
  assert.ok(error < bound, 'more powers, a closer polynomial');
  bound = error;
}
lines.sort((a, b) => (a[0]! < b[0]! ? -1 : a[0]! > b[0]! ? 1 : 0));
console.log(
  table(
    ['airport', 'degree', 'p, encrypted', 'at most off', 'p, in plain', 'were late', 'reply'],
    lines,
  ),
);

// Without the logistic function there is nothing to approximate: the mean of z, to the last digit.
const { rows: z } = await vault.score({ ...model, link: 'identity', table: 'plain' });
const thousandths = (weight: number): bigint => BigInt(Math.round(weight * 1000));
const hundredths = (cell: string): bigint => BigInt(Math.round(Number(cell) * 100));
const total = rows.reduce(
  (sum, row) =>
    sum +
    thousandths(intercept) * 100n +
    thousandths(hour) * hundredths(row.hour) +
    thousandths(miles) * hundredths(row.miles),
  0n,
);
assert.equal(z[0]![1], fraction(total, 100_000n * BigInt(rows.length)));
console.log(`\nMean of z over ${z[0]![0]} encrypted rows, exactly: ${z[0]![1]}`);

await scoreEachRow();

/** Scores of single rows, each beside the model's own. */
async function scoreEachRow(): Promise<void> {
  await vault.ingest(
    {
      version: 1,
      table: 'scored',
      key: 'flight',
      columns: {
        flight: { type: 'integer' },
        origin: { type: 'text' },
        // Kept once more, under a secret of its own, to be scored by.
        hour: { type: 'decimal', scale: 2, score: true },
        miles: { type: 'decimal', scale: 2, score: true },
      },
      undeclared: 'none',
    },
    rows.map((row, flight) => ({ flight, ...row })),
  );
  const request = { ...model, table: 'scored' };
  const { rows: every, stats: all, leakage } = await vault.scoreRows({ ...request, select: [] });
  const { rows: latest, stats } = await vault.scoreRows({
    ...request,
    select: ['flight', 'origin'],
    top: 3,
  });
  const error = stats.error!;
  assert.ok(error < 1e-6);
  // Doubles have rounded the model's own scores as well.
  const isClose = (p: unknown, own: number): boolean => Math.abs(Number(p) - own) <= error + 1e-15;
  const descending = (a: number, b: number): number => b - a;
  const own = rows.map(score).sort(descending);
  const found = every.map(([, p]) => Number(p)).sort(descending);
  assert.ok(found.length === own.length && found.every((p, i) => isClose(p, own[i]!)));
  for (const [i, [flight, origin, p]] of latest.entries()) {
    const row = rows[Number(flight)]!;
    assert.equal(origin, row.origin);
    // Flights of the same hour and distance score alike: which of them come first is not the model's to say.
    assert.ok(isClose(p, score(row)) && isClose(p, own[i]!));
  }
  const flights = latest
    .map(([flight, origin, p]) => `${flight} from ${origin} (${Number(p).toFixed(8)})`)
    .join(', ');
  console.log(`\nMost likely to be late, of ${rows.length}: ${flights}`);
  console.log(
    `Each score is within ${error.toPrecision(1)} of the model's; ` +
      `${(all.bytesDown / rows.length).toFixed(0)} bytes a row came back. What the store learnt:`,
  );
  for (const { node, onQuery } of leakage) console.log(`  ${node}: ${onQuery.join('; ')}`);
}

function featuresOf({ date, distance, origin }: Flight): Features {
  return {
    hour: ((date.getUTCHours() - 13) / 6).toFixed(2),
    miles: (Number(distance) / 1000).toFixed(2),
    origin,
  };
}

/** With a 1 for the intercept. */
function numbersOf({ hour, miles }: Features): [number, number, number] {
  return [1, Number(hour), Number(miles)];
}

function average(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
}
