import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseSchema } from '../../src/table/schema-json.ts';
import type { Schema } from '../../src/table/schema.ts';
import type { Value } from '../../src/table/value.ts';
import { plainAnswer } from '../support/plain-twin.ts';
import { tempVault, type TempVault } from '../support/vaults.ts';
import { objects } from './objects.ts';

/** Conditions on a column that the store hears nothing of, against the plain twin. */
const SEED = 20_261_127;

let temp: TempVault;
beforeAll(async () => {
  temp = await tempVault('memory');
});
afterAll(() => temp[Symbol.asyncDispose]());

type Row = readonly Value[];

const PRODUCTS = {
  oblivious: [
    ['x', 'x'],
    ['y', 'y'],
    ['x', 'y'],
  ],
};
const SCHEMAS = {
  // Without a list of any rows; and with lists that a condition on sums leaves alone.
  hidden: { g: { search: 'oblivious' }, groupBy: { g: PRODUCTS } },
  both: { g: {}, groupBy: { g: PRODUCTS } },
  // By codes: rows are chosen in the vault.
  codes: { g: { search: { index: 'oblivious', by: 'codes' } }, groupBy: {} },
} as const;

function schemaOf(table: string, { g, groupBy }: (typeof SCHEMAS)[keyof typeof SCHEMAS]): Schema {
  return parseSchema({
    version: 1,
    table,
    columns: {
      g: { type: 'integer', nullable: true, ...g },
      h: { type: 'text', nullable: true },
      x: { type: 'integer', nullable: true },
      y: { type: 'real' },
    },
    pairs: [['x', 'y']],
    groupBy,
  });
}

const value = fc.integer({ min: -1, max: 5 });
const values = fc.array(value, { minLength: 1, maxLength: 3 }).map((all) => all.join(', '));
/** On g alone; g is from 0 to 4, or NULL. */
const hiddenCondition: fc.Arbitrary<string> = fc.letrec<{ tree: string; leaf: string }>((tie) => ({
  leaf: fc.oneof(
    value.map((v) => `g = ${v}`),
    value.map((v) => `g <> ${v}`),
    values.map((v) => `g IN (${v})`),
    values.map((v) => `g NOT IN (${v})`),
    value.map((v) => `g > ${v}`),
    value.map((v) => `g BETWEEN ${v} AND 3`),
    fc.constantFrom('g IS NULL', 'g IS NOT NULL', 'g = 2 AND g = 3', 'g = 2.5'),
  ),
  tree: fc.oneof(
    { depthSize: 'small' },
    tie('leaf'),
    fc.tuple(tie('tree'), tie('tree')).map(([a, b]) => `(${a} OR ${b})`),
    tie('tree').map((a) => `NOT (${a})`),
  ),
})).tree;
const otherCondition = fc.constantFrom("h = 'b'", 'x > 0', 'h IS NULL', "(x < 9 OR h <> 'a')");
/** Joined by OR, which sums of groups do not answer: for codes alone. */
const mixed = fc
  .tuple(hiddenCondition, otherCondition, hiddenCondition)
  .map(([hidden, other, more]) => `((${hidden}) OR ${other}) AND (x < 15 OR NOT (${more}))`);
const condition = fc
  .tuple(hiddenCondition, fc.option(otherCondition), fc.boolean())
  .map(([hidden, other, first]) => {
    if (other === null) return hidden;
    return first ? `(${hidden}) AND ${other}` : `NOT (NOT (${other}) OR NOT (${hidden}))`;
  });

const QUERIES = [
  'SELECT COUNT(*), COUNT(g), COUNT(x), SUM(x), AVG(y) FROM t WHERE ?',
  'SELECT VAR_SAMP(x), COVAR_POP(x, y), SUM(g), AVG(g) FROM t WHERE ?',
  'SELECT g, COUNT(*), SUM(x) FROM t WHERE ? GROUP BY g ORDER BY COUNT(*), g',
  'SELECT h, COUNT(*), COUNT(g), SUM(x) FROM t WHERE ? GROUP BY h HAVING COUNT(*) > 1 ORDER BY h',
  'SELECT h, g, SUM(x) FROM t WHERE ? GROUP BY g, h',
  'SELECT COUNT(*) FROM t WHERE ? GROUP BY h, g ORDER BY 1 LIMIT 3',
];

const runs = fc.record({
  seed: fc.nat(2 ** 30),
  conditions: fc.array(condition, { minLength: 3, maxLength: 6 }),
  mixed: fc.array(mixed, { minLength: 1, maxLength: 2 }),
  step: fc.constantFrom('nothing', 'append', 'delete', 'erase', 'compact', 'rotate'),
});

function rowsOf(seed: number, count: number, from = 0): Row[] {
  const mix = (i: number, salt: number): number =>
    Math.imul(Math.imul(i + salt, 2_654_435_761) ^ seed, 40_503) >>> 8;
  return Array.from({ length: count }, (_, k) => {
    const i = from + k;
    const orNull = (cell: Value, salt: number): Value => (mix(i, salt) % 5 === 0 ? null : cell);
    return [
      orNull(BigInt(mix(i, 2) % 5), 11),
      orNull(['a', 'b', 'c'][mix(i, 3) % 3]!, 13),
      orNull(BigInt((mix(i, 4) % 41) - 20), 17),
      (mix(i, 5) % 64) / 8,
    ];
  });
}

let number = 0;
test.each(Object.entries(SCHEMAS))(
  '%s: whatever the condition, the answer is the plain twin’s',
  async (name, declared) => {
    await fc.assert(
      fc.asyncProperty(runs, async ({ seed, conditions, mixed: joined, step }) => {
        const schema = schemaOf(`t${number++}`, declared);
        const { vault } = temp;
        let rows: readonly Row[] = rowsOf(seed, 40);
        await vault.ingest(schema, objects(schema, rows));
        if (step === 'append') {
          const more = rowsOf(seed, 9, rows.length);
          await vault.ingest(schema, objects(schema, more), { append: true });
          rows = [...rows, ...more];
        } else if (step === 'delete' || step === 'erase') {
          const erase = step === 'erase';
          await vault.delete(`DELETE FROM ${schema.table} WHERE h = 'c'`, [], { erase });
          rows = rows.filter((row) => row[1] !== 'c');
        } else if (step === 'rotate') await vault.rotate(schema.table);
        else if (step === 'compact') await vault.compact(schema.table);
        const all = name === 'codes' ? [...conditions, ...joined] : conditions;
        for (const [i, where] of all.entries()) {
          const query = QUERIES[(seed + i) % QUERIES.length]!;
          const sql = query.replace('FROM t', `FROM ${schema.table}`).replace('?', where);
          const { columns, rows: answer, leakage } = await vault.query(sql);
          const wanted = await plainAnswer(schema, rows, sql);
          const inOrder = (found: readonly (readonly unknown[])[]): unknown =>
            sql.includes('ORDER BY') ? found : found.map((row) => JSON.stringify(row)).sort();
          expect({ columns, rows: inOrder(answer) }, sql).toEqual({
            columns: wanted.columns,
            rows: inOrder(wanted.rows),
          });
          expect(leakage.some(({ index }) => index === 'oblivious')).toBe(true);
          expect(leakage.some(({ node }) => /^(equality|range|null).* on g$/.test(node))).toBe(
            false,
          );
        }
      }),
      { seed: SEED, numRuns: 12 },
    );
  },
  300_000,
);
