import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layoutSums, type SumTable } from '../../../src/gate/sum-layout.ts';
import { splitPlan, splitValue } from '../../../src/params/packing.ts';
import { sumParameters } from '../../../src/params/presets.ts';
import type { SegmentMeta } from '../../../src/table/segment-meta.ts';

const parameters = sumParameters(48);
const HALF = 1n << 47n;
const plan = { terms: [{ kind: 'sum', product: ['x'], over: ['x'] }] } as const;

/** Segments of one column x, of so many rows with so large a value. */
function table(segments: readonly { rows: number; maxAbs: bigint }[]): {
  table: SumTable;
  metas: SegmentMeta[];
} {
  const part = { id: '', bytes: 0, digest: new Uint8Array(32) };
  return {
    table: {
      columnIndex: () => 0,
      manifest: {
        table: '',
        epoch: 1,
        owner: new Uint8Array(32),
        sealed: new Uint8Array(0),
        segments: segments.map(({ rows }, i) => ({
          id: `${i}`,
          rows,
          birthEpoch: 1,
          index: part,
          records: part,
          metadata: part,
          columns: [],
          deleted: undefined,
        })),
        delta: [],
      },
    },
    metas: segments.map(({ maxAbs }) => {
      const { count, width } = splitPlan(maxAbs, parameters.plainBits);
      return {
        products: [{ factors: [0], first: 0, limbs: count, width, maxAbs }],
        columns: [{ nulls: 0, distinct: 1, equality: true, range: true }],
      };
    }),
  };
}

const segment = fc.record({
  rows: fc.integer({ min: 1, max: 2 ** 18 }),
  maxAbs: fc.oneof(
    fc.bigInt(0n, 1n << 20n),
    fc.bigInt(0n, 1n << 70n),
    fc.nat(70).map((bits) => 1n << BigInt(bits)),
  ),
});

describe('the layout of a sum', () => {
  it('never lets a worst case reach t/2 or the noise its limit, and loses no limb', () => {
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 60 }), (segments) => {
        const { table: t, metas } = table(segments);
        const { outputs, segments: sums } = layoutSums(plan, t, metas, parameters);
        for (const output of outputs) {
          expect(output.magnitude < HALF).toBe(true);
          expect(output.noise.holds).toBe(true);
        }
        segments.forEach(({ maxAbs, rows }, s) => {
          // The worst row on every row: the sums of its limbs, weighted, are rows times it.
          const product = metas[s]!.products[0]!;
          const limbs = splitValue(-maxAbs, { count: product.limbs, width: product.width });
          expect(sums[s]!.map(({ column }) => column).sort()).toEqual(limbs.map((_, i) => i));
          const total = sums[s]!.reduce((sum, { column, output }) => {
            return sum + ((limbs[column]! * BigInt(rows)) << BigInt(outputs[output]!.weight));
          }, 0n);
          expect(total).toBe(-maxAbs * BigInt(rows));
        });
      }),
      { numRuns: 200 },
    );
  });

  it('shares outputs among segments, whatever the size of their values', () => {
    const { table: t, metas } = table([
      { rows: 1000, maxAbs: 5n },
      { rows: 2000, maxAbs: 1n << 60n },
      { rows: 3000, maxAbs: 1n << 30n },
    ]);
    const { outputs } = layoutSums(plan, t, metas, parameters);
    expect(outputs.map(({ weight, rows }) => ({ weight, rows }))).toEqual([
      { weight: 0, rows: 6000 },
      { weight: 24, rows: 5000 },
      { weight: 48, rows: 2000 },
    ]);
  });

  it('begins another output where the worst case would pass t/2, at exactly that row', () => {
    const full = { rows: 2 ** 18, maxAbs: 1n << 24n };
    // 32 segments of 2^18 rows of 2^24 are 2^47 = t/2: one too many.
    for (const [count, outputs] of [
      [31, 1],
      [32, 2],
      [62, 2],
      [63, 3],
    ] as const) {
      const { table: t, metas } = table(Array.from({ length: count }, () => full));
      expect(layoutSums(plan, t, metas, parameters).outputs.length).toBe(outputs);
    }
  });

  it('refuses metadata whose own segment could overflow', () => {
    const { table: t, metas } = table([{ rows: 2 ** 18, maxAbs: 1n }]);
    const lying = { ...metas[0]!.products[0]!, maxAbs: 1n << 29n };
    expect(() => layoutSums(plan, t, [{ ...metas[0]!, products: [lying] }], parameters)).toThrow(
      expect.objectContaining({ code: 'OVERFLOW_BOUND' }),
    );
  });

  it('says what to do where a segment is older than the products stored by now', () => {
    const { table: t, metas } = table([{ rows: 1, maxAbs: 1n }]);
    const pair = { terms: [{ kind: 'sum', product: ['x', 'y'], over: ['x', 'y'] }] } as const;
    expect(() => layoutSums(pair, t, metas, parameters)).toThrow(
      expect.objectContaining({
        code: 'CAPABILITY_MISSING',
        message: expect.stringContaining('run opaline compact') as string,
      }),
    );
  });
});
