/** Sums of products over chosen rows and groups, on real ciphertexts, chunk by chunk. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ProductEngine } from '../../src/engine/engine.ts';
import { createSealPublicEngine } from '../../src/engine/seal/expand.ts';
import { deriveProductSecret } from '../../src/keys/product-secret.ts';
import { openProductEngine } from '../../src/keys/secret.ts';
import { productParameters } from '../../src/params/presets.ts';
import type { SegmentSum } from '../../src/plan/fragment.ts';
import { type ProductColumn, sumProducts } from '../../src/run/evaluate/product-sum.ts';
import { Rings } from '../../src/run/evaluate/rings.ts';
import type { Selection } from '../../src/run/evaluate/selection.ts';
import { RowSet } from '../../src/table/row-set.ts';

const { n, dataPrimes } = productParameters();
const WORDS = 2 * dataPrimes.length * n;
/** Three chunks, the last one short. */
const ROWS = 2 * n + 1000;
const rings = new Rings();

/** Two columns; the engine pads the last chunk with zeros. */
const values = [7919, 104_729].map((seed) =>
  Float64Array.from({ length: ROWS }, (_, i) => ((i * seed) % 20_001) - 10_000),
);
let engine: ProductEngine;
let columns: ProductColumn[];

beforeAll(async () => {
  engine = await openProductEngine(deriveProductSecret(new Uint8Array(32).fill(3), n));
  using store = await createSealPublicEngine(productParameters());
  columns = values.map((column): ProductColumn => {
    const chunks = Math.ceil(ROWS / n);
    const span = rings.product.allocate(chunks * WORDS);
    for (let chunk = 0; chunk < chunks; chunk++) {
      const ciphertext = engine.encrypt(column.subarray(chunk * n, (chunk + 1) * n));
      rings.product.view(span).set(ciphertext.c0, chunk * WORDS);
      rings.product.view(span).set(store.expand(ciphertext), chunk * WORDS + WORDS / 2);
    }
    return {
      chunks,
      at: (chunk, count = 1) => rings.product.slice(span, chunk * WORDS, count * WORDS),
    };
  });
});
afterAll(() => engine[Symbol.dispose]());

/** Totals by group and output, of what sumProducts gives. */
async function totals(selection: Selection, mostColumns: number): Promise<Map<number, bigint>[]> {
  const before = rings.sum.allocatedBytes;
  let held = 0;
  const sums = await sumProducts(rings, selection, mostColumns, (wanted) => {
    // One lease at a time.
    expect(held++).toBe(0);
    expect(wanted.length).toBeLessThanOrEqual(Math.max(2, mostColumns));
    return Promise.resolve({
      columns: wanted.map((column) => columns[column]!),
      release: () => void held--,
    });
  });
  expect(rings.sum.allocatedBytes).toBe(before);
  return sums.map((group) => {
    const found = new Map<number, bigint>();
    for (const { output, sample } of group) {
      const total = engine.decryptTotal({ limbs: dataPrimes.length, polynomials: sample.a });
      found.set(output, (found.get(output) ?? 0n) + total);
    }
    return found;
  });
}

const dot = (a: number, b: number, rows: Iterable<number>): bigint => {
  let sum = 0n;
  for (const row of rows) sum += BigInt(values[a]![row]!) * BigInt(values[b]![row]!);
  return sum;
};

/** Two pairs to one output, then three more: more than share a chunk's masks. */
const SUMS: readonly (SegmentSum & { times: number })[] = [
  { output: 0, column: 0, times: 1, over: -1 },
  { output: 0, column: 0, times: 0, over: -1 },
  { output: 1, column: 1, times: 1, over: -1 },
  { output: 2, column: 1, times: 0, over: -1 },
  { output: 0, column: 1, times: 1, over: -1 },
];
const expected = (rows: readonly number[]): [number, bigint][] => [
  [0, dot(0, 1, rows) + dot(0, 0, rows) + dot(1, 1, rows)],
  [1, dot(1, 1, rows)],
  [2, dot(0, 1, rows)],
];

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, i) => from + i);

test.each<[string, number[]]>([
  ['every row', range(0, ROWS)],
  [
    'one whole chunk, none of another, some of the last',
    [...range(0, n), ...range(2 * n, 2 * n + 9)],
  ],
  ['all of the short chunk', range(2 * n, ROWS)],
  ['all but one row', range(1, ROWS)],
  ['the last row', [ROWS - 1]],
])('of %s', async (_, rows) => {
  const eligible = RowSet.of(ROWS, Uint32Array.from(rows));
  const selection: Selection = {
    rows: ROWS,
    groups: { keys: [[]], groupOf: undefined, sizes: [rows.length] },
    counts: [[]],
    tallies: [],
    classes: [{ eligible, sums: SUMS }],
  };
  for (const mostColumns of [1, 100]) {
    const [found] = await totals(selection, mostColumns);
    expect([...found!].sort()).toEqual(expected(rows));
  }
});

test('of ten groups, more than are summed at once, one of them a whole chunk', async () => {
  const groupOf = Int32Array.from({ length: ROWS }, (_, row) =>
    row < n ? 9 : row % 11 === 10 ? -1 : row % 9,
  );
  const eligible = RowSet.of(
    ROWS,
    Uint32Array.from(range(0, ROWS).filter((row) => row % 7 !== 3 || row < n)),
  );
  const selection: Selection = {
    rows: ROWS,
    groups: { keys: range(0, 10).map((key) => [key]), groupOf, sizes: range(0, 10) },
    counts: range(0, 10).map(() => []),
    tallies: [],
    // A class without products asks for nothing.
    classes: [
      { eligible, sums: SUMS.slice(0, 2) },
      { eligible, sums: [{ output: 3, column: 0, over: -1 }] },
    ],
  };
  const found = await totals(selection, 100);
  for (const [group, sums] of found.entries()) {
    const rows = range(0, ROWS).filter((row) => groupOf[row] === group && eligible.has(row));
    expect([...sums]).toEqual([[0, dot(0, 1, rows) + dot(0, 0, rows)]]);
  }
});
