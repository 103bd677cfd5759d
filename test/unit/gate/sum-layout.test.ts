import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layoutSums, roundingError, type SumTable } from '../../../src/gate/sum-layout.ts';
import { factorPlan, limbBounds, splitPlan, splitValue } from '../../../src/params/packing.ts';
import { plainModulus } from '../../../src/params/plain-modulus.ts';
import { productParameters, sumParameters } from '../../../src/params/presets.ts';
import { maxProducts, productNoise } from '../../../src/params/product-noise.ts';
import { parseSchema } from '../../../src/table/schema-json.ts';
import type { SegmentMeta } from '../../../src/table/segment-meta.ts';

const parameters = sumParameters(48);
const SCHEMA = parseSchema({
  version: 1,
  table: 't',
  columns: { x: { type: 'integer' }, y: { type: 'integer' } },
});
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
      schema: SCHEMA,
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
          rungs: [],
        })),
        delta: [],
      },
    },
    metas: segments.map(({ maxAbs }) => {
      const { count, width } = splitPlan(maxAbs, parameters.plainBits);
      return {
        products: [{ factors: [0], first: 0, limbs: count, width, maxAbs }],
        factors: [],
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
    expect(outputs.map(({ weight, units }) => ({ weight, rows: units }))).toEqual([
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

describe('the layout of products', () => {
  const pair = { terms: [{ kind: 'sum', product: ['x', 'y'], over: ['x', 'y'] }] } as const;
  const limit = (plainModulus(productParameters()) - 1n) / 2n;

  /** Segments whose columns x and y are stored to be multiplied. */
  function factored(
    segments: readonly { rows: number; x: bigint; y: bigint; stored?: boolean }[],
  ): { table: SumTable; metas: SegmentMeta[] } {
    const made = table(segments.map(({ rows }) => ({ rows, maxAbs: 1n })));
    return {
      table: { ...made.table, columnIndex: (name) => (name === 'x' ? 0 : 1) },
      metas: made.metas.map((meta, i) => {
        const { x, y, stored } = segments[i]!;
        const [of, other] = [factorPlan(x), factorPlan(y)];
        return {
          ...meta,
          products: stored === true ? [{ ...meta.products[0]!, factors: [0, 1] }] : [],
          factors: [
            { column: 0, first: 10, limbs: of.count, width: of.width, maxAbs: x },
            { column: 1, first: 20, limbs: other.count, width: other.width, maxAbs: y },
          ],
        };
      }),
    };
  }
  const bits = fc.oneof(
    fc.bigInt(0n, 1n << 20n),
    fc.nat(90).map((k) => 1n << BigInt(k)),
  );
  const piece = fc.record({ rows: fc.integer({ min: 1, max: 2 ** 18 }), x: bits, y: bits });

  it('takes every limb of one with every limb of the other, and keeps both bounds', () => {
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 40 }), (segments) => {
        const { table: t, metas } = factored(segments);
        const { outputs, segments: laid } = layoutSums(pair, t, metas, parameters);
        for (const output of outputs) {
          expect(output.kind).toBe('product');
          expect(output.magnitude <= limit).toBe(true);
          expect(output.noise.holds).toBe(true);
          expect(productNoise(productParameters(), output.units, output.replyLimbs).holds).toBe(
            true,
          );
        }
        laid.forEach((sums, i) => {
          const [x, y] = metas[i]!.factors;
          const all = new Set(sums.map(({ column, times }) => `${column} ${times}`));
          expect(all.size).toBe(x!.limbs * y!.limbs);
          for (const { column, times, output } of sums) {
            const weight = (column - 10) * x!.width + (times! - 20) * y!.width;
            expect(outputs[output]!.weight).toBe(weight);
          }
        });
        const worst = (output: number): bigint =>
          laid
            .flatMap((sums, i) =>
              sums
                .filter((sum) => sum.output === output)
                .map(({ column, times }) => {
                  const [x, y] = metas[i]!.factors.map((of) =>
                    limbBounds(of.maxAbs, { count: of.limbs, width: of.width }),
                  );
                  const chunks = BigInt(Math.ceil(segments[i]!.rows / 8192));
                  return chunks * x![column - 10]! * y![times! - 20]!;
                }),
            )
            .reduce((sum, most) => sum + most, 0n);
        outputs.forEach(({ magnitude }, i) => expect(magnitude).toBe(worst(i)));
      }),
    );
  });

  it('begins another output where the noise would pass its limit', () => {
    const full = { rows: 2 ** 18, x: 1n, y: 1n };
    const most = Math.floor(maxProducts(productParameters()) / 32);
    for (const [count, outputs] of [
      [most, 1],
      [most + 1, 2],
      [2 * most + 1, 3],
    ] as const) {
      const { table: t, metas } = factored(Array.from({ length: count }, () => full));
      expect(layoutSums(pair, t, metas, parameters).outputs.length).toBe(outputs);
    }
  });

  it('sums what a segment stores as a product, and multiplies in the others', () => {
    const { table: t, metas } = factored([
      { rows: 9, x: 5n, y: 5n, stored: true },
      { rows: 9, x: 5n, y: 5n },
    ]);
    const { outputs, segments } = layoutSums(pair, t, metas, parameters);
    expect(outputs.map(({ kind }) => kind)).toEqual(['sum', 'product']);
    expect(segments.map((sums) => sums.map(({ times }) => times))).toEqual([[undefined], [20]]);
  });

  it('refuses metadata whose own segment could overflow', () => {
    const { table: t, metas } = factored([{ rows: 2 ** 18, x: 1n, y: 1n }]);
    const lying = metas[0]!.factors.map((factor) => ({ ...factor, maxAbs: 1n << 22n }));
    expect(() => layoutSums(pair, t, [{ ...metas[0]!, factors: lying }], parameters)).toThrow(
      expect.objectContaining({ code: 'OVERFLOW_BOUND' }),
    );
  });
});

describe('what rounding may have cost a sum', () => {
  it('counts the rows that were rounded the most, as many as the sum has', () => {
    const rounded = [
      { rows: 10, twice: 2n },
      { rows: 3, twice: 100n },
    ];
    expect(roundingError(rounded, 0)).toBe(0n);
    expect(roundingError(rounded, 2)).toBe(100n);
    expect(roundingError(rounded, 5)).toBe(152n);
    expect(roundingError(rounded, 1_000)).toBe(160n);
    expect(roundingError([{ rows: 1, twice: 1n }], 1)).toBe(1n);
  });
});
