import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eachStore } from '../support/stores.ts';
import { tempVault, type TempVault } from '../support/vaults.ts';
import { shiftDecimal, vectorJson, vectorPath } from '../support/vectors.ts';

interface Select {
  fn: string;
  col?: string;
  x?: string;
  y?: string;
}

interface Case {
  id: string;
  columns: string[];
  rows: (string | number | null)[][];
  query: {
    select: Select[];
    group_by?: string[];
    where?: { col: string; op: string; value?: string | number }[];
    having_count_lt?: number;
  };
}

interface Suite {
  table: string;
  rows: number;
  schema: Record<string, { kind: 'category' | 'number'; scale?: number }>;
  queries: Case[];
}

const PAIRS: Record<string, [string, string][]> = {
  penguins: [
    ['flipper_length_mm', 'body_mass_g'],
    ['bill_length_mm', 'bill_depth_mm'],
  ],
  tips: [['total_bill', 'tip']],
  taxis: [
    ['distance', 'fare'],
    ['fare', 'tip'],
  ],
};

/** SQL of a select item, and by how many places our units differ from the expected scaled ones. */
function item(select: Select, suite: Suite): { sql: string; places: number } {
  const scale = (name: string | undefined): number => suite.schema[name ?? '']?.scale ?? 0;
  const { fn, col, x, y } = select;
  const q = (name: string | undefined): string => `"${name}"`;
  switch (fn) {
    case 'count_star':
      return { sql: 'COUNT(*)', places: 0 };
    case 'count':
      return { sql: `COUNT(${q(col)})`, places: 0 };
    case 'count_distinct':
      return { sql: `COUNT(DISTINCT ${q(col)})`, places: 0 };
    case 'min':
    case 'max':
    case 'sum':
    case 'avg':
    case 'stddev_samp':
      return { sql: `${fn}(${q(col)})`, places: scale(col) };
    case 'var_samp':
    case 'var_pop':
      return { sql: `${fn}(${q(col)})`, places: 2 * scale(col) };
    case 'sum_squares':
      return { sql: `SUM(${q(col)} * ${q(col)})`, places: 2 * scale(col) };
    case 'sum_product':
      return { sql: `SUM(${q(x)} * ${q(y)})`, places: scale(x) + scale(y) };
    case 'covar_samp':
      return { sql: `COVAR_SAMP(${q(y)}, ${q(x)})`, places: scale(x) + scale(y) };
    case 'regr_slope':
      return { sql: `REGR_SLOPE(${q(y)}, ${q(x)})`, places: scale(y) - scale(x) };
    case 'regr_intercept':
      return { sql: `REGR_INTERCEPT(${q(y)}, ${q(x)})`, places: scale(y) };
    case 'corr':
    case 'regr_r2':
      return { sql: `${fn}(${q(y)}, ${q(x)})`, places: 0 };
    default:
      throw new Error(`unknown function ${fn}`);
  }
}

function condition(
  suite: Suite,
  where: { col: string; op: string; value?: string | number },
): string {
  const column = `"${where.col}"`;
  if (where.op === 'is_null') return `${column} IS NULL`;
  if (where.op === 'not_null') return `${column} IS NOT NULL`;
  const value =
    typeof where.value === 'number'
      ? shiftDecimal(String(where.value), -(suite.schema[where.col]!.scale ?? 0))
      : `'${where.value}'`;
  return `${column} ${where.op} ${value}`;
}

/** A case in the data's own units. */
function translate(suite: Suite, test: Case): { sql: string; expected: (string | null)[][] } {
  const groups = test.query.group_by ?? [];
  const items = test.query.select.map((select, i) => {
    return { ...item(select, suite), at: groups.length + i };
  });
  const list = [...groups.map((name) => `"${name}"`), ...items.map(({ sql }) => sql)].join(', ');
  const clauses = [
    test.query.where && `WHERE ${test.query.where.map((w) => condition(suite, w)).join(' AND ')}`,
    groups.length > 0 && `GROUP BY ${groups.map((name) => `"${name}"`).join(', ')}`,
    test.query.having_count_lt !== undefined && `HAVING COUNT(*) < ${test.query.having_count_lt}`,
  ].filter((clause) => typeof clause === 'string');
  const expected = test.rows.map((row) => [
    ...row.slice(0, groups.length).map((cell) => (cell === null ? null : String(cell))),
    ...items.map(({ at, places }) => {
      const cell = row[at];
      return cell === null || cell === undefined ? null : shiftDecimal(String(cell), -places);
    }),
  ]);
  return { sql: `SELECT ${list} FROM ${suite.table} ${clauses.join(' ')}`, expected };
}

const byText = (rows: unknown[][]): string[] => rows.map((row) => JSON.stringify(row)).sort();

eachStore('published statistics', ({ kind, pick }) => {
  describe.each(['penguins', 'tips', 'taxis'])('%s', (name) => {
    const suite = vectorJson<Suite>(`tabular/${name}/expected.json`);
    let temp: TempVault;
    beforeAll(async () => {
      temp = await tempVault(kind);
      const { inferSchema, openSource } = await import('../../src/client/ingest/file.ts');
      const { schemaToJson } = await import('../../src/table/schema-json.ts');
      const file = vectorPath(`tabular/${name}/data.csv`);
      const inferred = schemaToJson(await inferSchema(await openSource(file), { table: name }));
      const schema = { ...(inferred as object), pairs: PAIRS[name] };
      const report = await temp.vault.ingestFile(file, { schema });
      expect(report.rows).toBe(suite.rows);
    });
    afterAll(() => temp[Symbol.asyncDispose]());

    it.each(pick(suite.queries).map((test) => [test.id, test] as const))('%s', async (_, test) => {
      const { sql, expected } = translate(suite, test);
      const { rows } = await temp.vault.query(sql);
      expect(byText(rows.map((row) => [...row]))).toEqual(byText(expected));
    });
  });
});
