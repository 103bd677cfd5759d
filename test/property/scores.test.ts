/** Scores of rows by random models against the plain twin: within the error that is returned, always. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { QueryResult, ScoreRowsOptions } from '../../src/client/api.ts';
import { interpretScores } from '../../src/plan/score/interpret-score.ts';
import { planScore } from '../../src/plan/score/plan-score.ts';
import { parseSchema } from '../../src/table/schema-json.ts';
import type { Schema } from '../../src/table/schema.ts';
import type { Value } from '../../src/table/value.ts';
import { tempVault, type TempVault } from '../support/vaults.ts';
import { objects } from './objects.ts';

const SEED = 20_261_128;
/** `npm run test:slow` makes two hundred plans. */
const numRuns = process.env['OPALINE_EVERY_VECTOR'] === undefined ? 12 : 200;

let temp: TempVault;
beforeAll(async () => {
  temp = await tempVault('memory');
});
afterAll(() => temp[Symbol.asyncDispose]());

const schemaOf = (table: string): Schema =>
  parseSchema({
    version: 1,
    table,
    key: 'id',
    columns: {
      id: { type: 'integer' },
      x: { type: 'real', nullable: true, score: true },
      y: { type: 'real', score: true },
      f: { type: 'integer', nullable: true, score: true },
      d: { type: 'decimal', scale: 3, score: true },
      g: { type: 'text', nullable: true },
    },
  });

/** Of one magnitude, of all, the least and the largest, or whole. */
const reals = fc.constantFrom<fc.Arbitrary<number>>(
  fc.double({ min: -1000, max: 1000, noNaN: true }),
  fc.double({ min: -1e-9, max: 1e-9, noNaN: true }),
  fc.constantFrom(5e-324, -5e-324, 0),
  fc.oneof(
    fc.double({ min: -1e12, max: 1e12, noNaN: true }),
    fc.double({ min: -1, max: 1, noNaN: true }),
  ),
  fc.constantFrom(-1, 1),
  fc.integer({ min: -50, max: 50 }),
);
const wholes = fc.constantFrom<fc.Arbitrary<bigint>>(
  fc.bigInt(-5n, 5n),
  fc.bigInt(-(2n ** 53n), 2n ** 53n),
  fc.bigInt(-(10n ** 40n), 10n ** 40n),
);
const nullable = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.option(value, { freq: 8 });
const table = fc.tuple(reals, reals, wholes).chain(([x, y, f]) =>
  fc.array(
    fc.tuple(
      nullable(x.map((value) => value + 0)),
      y.map((value) => value + 0),
      nullable(f),
      fc.bigInt(-100_000n, 100_000n),
      nullable(fc.constantFrom('p', 'q', 'r')),
    ),
    { minLength: 1, maxLength: 40 },
  ),
);

const weight = fc.oneof(
  fc.double({ min: -2, max: 2, noNaN: true }),
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  fc.constantFrom(0, 1, -1, 1e-12, 0.1),
);
const model = fc.record({
  weights: fc.dictionary(fc.constantFrom('x', 'y', 'f', 'd'), weight, {
    minKeys: 1,
    noNullPrototype: true,
  }),
  intercept: weight,
  link: fc.constantFrom('identity' as const, 'logistic' as const),
  /** Scaled so that |z| is at most about this: in range for the store's sigmoid, or just beyond. */
  reach: fc.constantFrom(undefined, 0.01, 2, 7.9, 8.1),
  where: fc.constantFrom(undefined, 'f < 3', "g = 'p' OR y > 0", 'NOT x > 0', '1 = 0'),
});

/** The largest |z| that sizes of columns allow. */
function reachOf(
  { weights, intercept }: { weights: Record<string, number>; intercept: number },
  rows: readonly (readonly Value[])[],
  schema: Schema,
): number {
  return Object.entries(weights).reduce((sum, [name, w]) => {
    const place = schema.columns.findIndex((column) => column.name === name);
    const { scale } = schema.columns[place]!;
    const sizes = rows.map((row) => Math.abs(Number(row[place] ?? 0)) / 10 ** scale);
    return sum + Math.abs(w) * Math.max(...sizes);
  }, Math.abs(intercept));
}

let made = 0;

test(
  'random models and rows',
  async () => {
    await fc.assert(
      fc.asyncProperty(table, model, async (cells, { reach, where, ...drawn }) => {
        const name = `t${made++}`;
        const schema = schemaOf(name);
        const rows = cells.map((row, i): Value[] => [BigInt(i), ...row]);
        await temp.vault.ingest(schema, objects(schema, rows));
        const whole = reachOf(drawn, rows, schema);
        const by = reach === undefined || whole === 0 ? 1 : reach / whole;
        const scaled = {
          ...drawn,
          weights: Object.fromEntries(
            Object.entries(drawn.weights).map(([column, w]) => [column, w * by + 0]),
          ),
          intercept: drawn.intercept * by + 0,
        };
        const asked = { table: name, ...scaled, ...(where !== undefined && { where }) };
        const plan = await planScore(asked, { schemas: new Map([[name, schema]]) });
        const expected = interpretScores(plan, schema, rows);
        const check = ({ rows: found, stats }: QueryResult): void => {
          const scores = new Map(found.map(([id, score]) => [Number(id), Number(score)]));
          expect([...scores.keys()].sort((a, b) => a - b)).toEqual(
            expected.map(({ position }) => position),
          );
          for (const { position, score } of expected) {
            const own = 2 ** -50 * Math.max(1, Math.abs(score));
            const off = Math.abs(scores.get(position)! - score);
            expect(off).toBeLessThanOrEqual(stats.error! + own);
          }
          const size = reachOf(scaled, rows, schema);
          expect(stats.error!).toBeLessThan(Math.max(1e-7 * size, 0.11));
        };
        check(await temp.vault.scoreRows(asked));
        if (drawn.link === 'identity') return;
        const store: ScoreRowsOptions = { ...asked, sigmoid: 'store' };
        const size = reachOf(scaled, rows, schema);
        const answer = await temp.vault.scoreRows(store).catch((error: { code: string }) => error);
        if ('code' in answer) {
          // The range allows for what reals may have been rounded by.
          expect(answer.code).toBe('MODEL_RANGE');
          expect(size).toBeGreaterThan(7.99);
        } else {
          expect(size).toBeLessThanOrEqual(8);
          check(answer);
        }
      }),
      { numRuns, seed: SEED, endOnFailure: true },
    );
  },
  20_000 * numRuns,
);
