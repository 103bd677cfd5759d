import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sumParameters } from '../../../../src/params/presets.ts';
import { createReferenceRing } from '../../../../src/ring/reference.ts';
import type { Ring } from '../../../../src/ring/ring.ts';
import { createWasmRing } from '../../../../src/ring/simd/wasm-ring.ts';
import {
  makeTotal,
  totalOf,
  type PartialGroup,
  sumSelection,
} from '../../../../src/run/evaluate/aggregate.ts';
import { type Column, columnAt, totalWords } from '../../../../src/run/evaluate/column.ts';
import { countRows } from '../../../../src/run/evaluate/groups.ts';
import type { RawSample } from '../../../../src/run/evaluate/masked-sum.ts';
import { NearTotals } from '../../../../src/run/evaluate/near-totals.ts';
import type { Selection } from '../../../../src/run/evaluate/selection.ts';
import { NO_COUNTS } from '../../../../src/run/evaluate/tally.ts';
import { RowSet } from '../../../../src/table/row-set.ts';

/** Costs are proportional to n, so a small ring takes every way through a chunk that a large one does. */
const N = 64;
const MODULI = sumParameters(48).dataPrimes.slice(0, 2);
const WORDS = MODULI.length * N;

/** Polynomials of one chunk, both in coefficient form. */
interface Chunk {
  readonly c0: Uint32Array;
  readonly c1: Uint32Array;
}

/** What the definition says: b = Σ c0[i], a = Σ X^-i · c1. */
function byDefinition(chunks: readonly Chunk[], rows: readonly number[]): RawSample {
  const b = MODULI.map(() => 0n);
  const a = Array.from({ length: WORDS }, () => 0n);
  for (const row of rows) {
    const { c0, c1 } = chunks[Math.floor(row / N)]!;
    const e = row % N;
    MODULI.forEach((_, limb) => {
      b[limb]! += BigInt(c0[limb * N + e]!);
      for (let i = 0; i < N; i++) {
        const value = BigInt(c1[limb * N + i]!);
        if (i >= e) a[limb * N + i - e]! += value;
        else a[limb * N + N + i - e]! -= value;
      }
    });
  }
  const mod = (value: bigint, limb: number): number => {
    const q = BigInt(MODULI[limb]!);
    return Number(((value % q) + q) % q);
  };
  return {
    b: Uint32Array.from(b, (value, limb) => mod(value, limb)),
    a: Uint32Array.from(a, (value, i) => mod(value, Math.floor(i / N))),
  };
}

function place(ring: Ring, id: string, chunks: readonly Chunk[], rows: number): Column {
  const span = ring.allocate(2 * WORDS * chunks.length);
  const column = columnAt(ring, id, span, ring.allocate(totalWords(ring)));
  chunks.forEach(({ c0, c1 }, i) => {
    ring.view(column.c0(i)).set(c0);
    ring.view(column.c1(i)).set(c1);
    ring.forwardNtt(column.c1(i));
  });
  makeTotal(ring, column, rows);
  return column;
}

const residues = fc
  .uint8Array({ minLength: 4, maxLength: 4 })
  .map((seed) => new DataView(seed.buffer, seed.byteOffset).getUint32(0))
  .map((seed) =>
    Uint32Array.from({ length: WORDS }, (_, i) => {
      const q = MODULI[Math.floor(i / N)]!;
      // Every seventh residue is an extreme one.
      const mixed = Math.imul(seed + i, 2_654_435_761) >>> 0;
      return mixed % 7 === 0 ? q - 1 : mixed % q;
    }),
  );
const chunk: fc.Arbitrary<Chunk> = fc.record({ c0: residues, c1: residues });

/** Which of a chunk's rows are in: nearly none, nearly all, and what is between. */
const members = fc.oneof(
  fc.constant<number[]>([]),
  fc.nat(N - 1).map((row) => [row]),
  fc.uniqueArray(fc.nat(N - 1), { minLength: 2, maxLength: 6 }),
  fc.constant(Array.from({ length: N / 2 }, (_, i) => 2 * i)),
  fc.nat(N - 1).map((row) => Array.from({ length: N }, (_, i) => i).filter((i) => i !== row)),
  fc.uniqueArray(fc.nat(N - 1), { minLength: 50, maxLength: 62 }),
  fc.constant(Array.from({ length: N }, (_, i) => i)),
);

const segment = fc.integer({ min: 1, max: 5 }).chain((chunks) =>
  fc.record({
    rows: fc.integer({ min: (chunks - 1) * N + 1, max: chunks * N }),
    columns: fc.array(fc.array(chunk, { minLength: chunks, maxLength: chunks }), {
      minLength: 1,
      maxLength: 2,
    }),
    members: fc.oneof(
      fc.array(members, { minLength: chunks, maxLength: chunks }),
      // Runs of whole chunks, and all of them.
      members.map((one) => Array.from({ length: chunks }, (_, i) => (i === 1 ? one : ALL))),
      fc.constant(Array.from({ length: chunks }, () => ALL)),
    ),
    mostColumns: fc.integer({ min: 1, max: 3 }),
  }),
);
const ALL = Array.from({ length: N }, (_, i) => i);

function selected(rows: number, byChunk: readonly (readonly number[])[]): number[] {
  return byChunk.flatMap((list, c) => list.map((i) => c * N + i)).filter((row) => row < rows);
}

async function sums(
  ring: Ring,
  columns: readonly (readonly Chunk[])[],
  selection: Selection,
  mostColumns: number,
): Promise<RawSample[][]> {
  const placed = columns.map((chunks, i) => place(ring, `${i}`, chunks, selection.rows));
  const before = ring.allocatedBytes;
  let leased = 0;
  const nearTotals = new NearTotals();
  const sum = (): Promise<PartialGroup[]> =>
    sumSelection(ring, selection, nearTotals, mostColumns, (numbers) => {
      expect(numbers.length).toBeLessThanOrEqual(mostColumns);
      expect(++leased).toBe(1);
      const release = (): void => void leased--;
      return Promise.resolve({ columns: numbers.map((number) => placed[number]!), release });
    });
  const groups = await sum();
  // Whoever gets a sum may change it: what is remembered stays.
  const again = await sum();
  for (const { sums: kept } of groups) for (const { sample } of kept) sample.a.reverse();
  expect(await sum()).toEqual(again);
  for (const { sums: kept } of groups) for (const { sample } of kept) sample.a.reverse();
  expect(again).toEqual(groups);
  expect(ring.allocatedBytes).toBe(before);
  expect(leased).toBe(0);
  return groups.map((group) =>
    [...group.sums].sort((a, b) => a.output - b.output).map(({ sample }) => sample),
  );
}

describe.each([
  ['kernels', (): Ring => createWasmRing(N, MODULI), 200],
  ['reference', (): Ring => createReferenceRing(N, MODULI), 20],
] as const)('sums over rows of a segment, by the %s', (_, make, numRuns) => {
  it('are what the definition says, whichever way each chunk is added', async () => {
    await fc.assert(
      fc.asyncProperty(segment, async ({ rows, columns, members: byChunk, mostColumns }) => {
        const list = selected(rows, byChunk);
        const eligible = RowSet.of(rows, list);
        const wanted = columns.map((__, i) => ({ output: i, column: i, over: -1 }));
        const selection: Selection = {
          rows,
          groups: { keys: [[]], groupOf: undefined, sizes: [list.length] },
          counts: [[list.length]],
          tallies: [NO_COUNTS],
          classes: [{ eligible, sums: wanted }],
        };
        const [samples] = await sums(make(), columns, selection, mostColumns);
        expect(samples).toEqual(columns.map((chunks) => byDefinition(chunks, list)));
      }),
      { numRuns },
    );
  }, 60_000);

  it('are the same for a column that is not in memory, read piece by piece', () => {
    fc.assert(
      fc.property(
        fc.array(chunk, { minLength: 1, maxLength: 20 }),
        fc.nat(N - 1),
        (chunks, less) => {
          const ring = make();
          const words = new Uint32Array(2 * WORDS * chunks.length);
          const rows = N * chunks.length - less;
          const column = place(ring, 'c', chunks, rows);
          chunks.forEach((_c, i) => {
            words.set(ring.view(column.c0(i)), 2 * WORDS * i);
            words.set(ring.view(column.c1(i)), 2 * WORDS * i + WORDS);
          });
          const before = ring.allocatedBytes;
          const { a, b } = column.total;
          const inMemory = { a: ring.view(a).slice(), b: ring.view(b).slice() };
          expect(totalOf(ring, words, rows)).toEqual(inMemory);
          expect(ring.allocatedBytes).toBe(before);
        },
      ),
      { numRuns: numRuns / 4 },
    );
  }, 60_000);

  it('are right for every group at once, of the rows that may count', async () => {
    const grouped = fc.record({
      segment,
      /** Which group a row is in: one large group and small ones, or many of one size. */
      rule: fc.constantFrom(
        (row: number) => (row % 16 === 3 ? 1 + (row % 5) : 0),
        (row: number) => row % 7,
        (row: number) => Math.floor(row / N),
        (row: number) => (row % 3 === 0 ? -1 : row % 150),
      ),
    });
    await fc.assert(
      fc.asyncProperty(grouped, async ({ segment: { rows, columns, members: byChunk }, rule }) => {
        const list = selected(rows, byChunk);
        const eligible = RowSet.of(rows, list);
        const groupOf = Int32Array.from({ length: rows }, (__, row) => rule(row));
        const width = Math.max(0, ...groupOf) + 1;
        const keys = Array.from({ length: width }, (__, g) => [g]);
        const groups = { keys, groupOf, sizes: keys.map(() => 0) };
        const counted = countRows(groups, eligible);
        const selection: Selection = {
          rows,
          groups,
          counts: [...counted].map((count) => [count]),
          tallies: counted.map(() => NO_COUNTS),
          classes: [
            { eligible, sums: columns.map((__, i) => ({ output: i, column: i, over: -1 })) },
          ],
        };
        const samples = await sums(make(), columns, selection, 2);
        groups.keys.forEach(([g], i) => {
          const own = list.filter((row) => groupOf[row] === g);
          expect(counted[i]).toBe(own.length);
          expect(samples[i]).toEqual(columns.map((chunks) => byDefinition(chunks, own)));
        });
      }),
      { numRuns: numRuns / 2 },
    );
  }, 60_000);
});
