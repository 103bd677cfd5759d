/**
 * Regression on encrypted data. Longley's data of 1967 are the classic trap: six predictors that are nearly multiples of each
 * other, on which programs of the time agreed on no digit. The store adds up encrypted products of columns, once; the owner
 * decrypts 36 sums and solves the normal equations in exact rational arithmetic. NIST has certified the answer to 15
 * digits. The same equations in doubles are solved beside it.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createVault } from 'opaline/client';
import { readCsv } from './support/csv.ts';
import { solve } from './support/fit.ts';
import { bytes, table } from './support/print.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const LONGLEY = new URL('../test/vectors/nist-strd/regression/Longley/', import.meta.url);
const X = ['x1', 'x2', 'x3', 'x4', 'x5', 'x6'];
const MEANING = [
  '',
  'price deflator',
  'national product',
  'unemployed',
  'army',
  'population',
  'year',
];

interface Certified {
  readonly coefficients: Readonly<
    Record<string, { readonly estimate: string; readonly sd: string }>
  >;
  readonly r_squared: string;
  readonly residual_sd: string;
}
const rows = readCsv(new URL('data.csv', LONGLEY));
const { certified } = JSON.parse(readFileSync(new URL('expected.json', LONGLEY), 'utf8')) as {
  readonly certified: Certified;
};

await using folder = await temporaryFolder();
await using vault = await createVault(join(folder.path, 'vault'), {
  store: join(folder.path, 'store'),
  passphrase: 'correct horse battery staple',
});
await vault.ingest(
  {
    version: 1,
    table: 'longley',
    columns: {
      y: { type: 'integer' },
      x1: { type: 'decimal', scale: 1 },
      ...Object.fromEntries(X.slice(1).map((name) => [name, { type: 'integer' }])),
    },
    // Every product of two columns is a ciphertext column of its own: a cross-moment is then a plain sum.
    undeclared: 'pairs',
  },
  rows,
);

const { coefficients, r2, residualSd, stats, leakage } = await vault.regress({
  table: 'longley',
  y: 'y',
  x: X,
});

const doubles = normalEquationsInDoubles();
const lines = coefficients.map(({ term, estimate, standardError }, i) => {
  const expected = certified.coefficients[`B${i}`]!;
  const digits = agreed(estimate, expected.estimate);
  assert.ok(digits >= 14, `${term}: ${digits}`);
  assert.ok(agreed(standardError!, expected.sd) >= 14);
  const ofDoubles = agreed(String(doubles[i]), expected.estimate);
  assert.ok(ofDoubles < digits);
  const name = MEANING[i] === '' ? term : `${term}, ${MEANING[i]}`;
  return [name, estimate, digits.toFixed(1), ofDoubles.toFixed(1)];
});
assert.ok(agreed(r2!, certified.r_squared) >= 14);
assert.ok(agreed(residualSd!, certified.residual_sd) >= 14);

console.log(table(['term', 'estimate', 'digits', 'in doubles'], lines));
console.log(`\nR² = ${r2}, residual standard deviation ${residualSd}`);
console.log(
  `\n${stats.rounds} round trip, ${bytes(stats.bytesUp)} up, ${bytes(stats.bytesDown)} down, in ${stats.ms.toFixed(0)} ms. ` +
    'What the store learnt:',
);
for (const { node, onQuery } of leakage) console.log(`  ${node}: ${onQuery.join('; ')}`);

/** Digits in which a number agrees with a certified one of 15: the log relative error, as NIST counts. */
function agreed(number: string, expected: string): number {
  const [found, wanted] = [Number(number), Number(expected)];
  return found === wanted ? 15 : Math.min(15, -Math.log10(Math.abs((found - wanted) / wanted)));
}

/** The textbook's XᵀX β = Xᵀy in doubles: what exact sums are for. */
function normalEquationsInDoubles(): number[] {
  const design = rows.map((row) => [1, ...X.map((name) => Number(row[name]))]);
  const y = rows.map((row) => Number(row['y']));
  const size = X.length + 1;
  const dot = (a: readonly number[], b: readonly number[]): number =>
    a.reduce((sum, value, i) => sum + value * b[i]!, 0);
  const column = (j: number): number[] => design.map((line) => line[j]!);
  const system = Array.from({ length: size }, (_, i) => [
    ...Array.from({ length: size }, (_, j) => dot(column(i), column(j))),
    dot(column(i), y),
  ]);
  return solve(system);
}
