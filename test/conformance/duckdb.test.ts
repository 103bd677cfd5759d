import { afterAll, beforeAll, expect, it } from 'vitest';
import { eachStore } from '../support/stores.ts';
import { tempVault, type TempVault } from '../support/vaults.ts';
import { vectorJson } from '../support/vectors.ts';

interface Suite {
  tables: Record<
    string,
    {
      name: string;
      columns: { name: string; type: string }[];
      rows: (string | number | null)[][];
    }
  >;
  cases: { id: string; table: string; table_name: string; sql: string; expected: string[][] }[];
}

const suite = vectorJson<Suite>('sql/duckdb-aggregates.json');

/** Recorded when DuckDB sorted NULL first; PostgreSQL, and so Opaline, sorts it last. */
const NULLS_FIRST = new Set(['duckdb-151', 'duckdb-169']);

const nullsLast = (rows: string[][]): string[][] =>
  [...rows].sort((a, b) => {
    const column = a.findIndex((cell, c) => (cell === 'NULL') !== (b[c] === 'NULL'));
    const before = a.findIndex((cell, c) => cell !== b[c]);
    return column === -1 || before < column ? 0 : a[column] === 'NULL' ? 1 : -1;
  });

function columnType(type: string): object {
  const decimal = /^DECIMAL\(\d+,\s*(\d+)\)$/.exec(type);
  if (decimal !== null) return { type: 'decimal', scale: Number(decimal[1]) };
  if (/INT/.test(type)) return { type: 'integer' };
  if (/VARCHAR|TEXT/.test(type)) return { type: 'text' };
  // The one DOUBLE column of the suite holds NULL alone, which every numeric type can.
  if (type === 'DOUBLE') return { type: 'decimal', scale: 2 };
  throw new Error(`unknown type ${type}`);
}

/** DuckDB prints a fixed number of places and pads; compare to the places it shows. */
function sameCell(actual: unknown, expected: string): void {
  const text = expected.trim();
  if (text === 'NULL') return expect(actual).toBeNull();
  const number = /^-?\d+(\.\d+)?$/.exec(text);
  if (number === null) return expect(actual).toBe(text);
  const places = number[1] === undefined ? 0 : number[1].length - 1;
  const exact = String(actual);
  if (!exact.includes('.')) {
    return expect(`${exact}${places > 0 ? `.${'0'.repeat(places)}` : ''}`).toBe(text);
  }
  expect(Number(exact).toFixed(places)).toBe(text);
}

eachStore('DuckDB aggregates', ({ kind, pick }) => {
  let temp: TempVault;
  const names = new Map<string, string>();
  beforeAll(async () => {
    temp = await tempVault(kind);
    for (const [id, { columns, rows }] of Object.entries(suite.tables)) {
      const table = `t_${id}`;
      names.set(id, table);
      const numeric = columns.filter(({ type }) => /INT|DECIMAL|DOUBLE/.test(type));
      const schema = {
        version: 1,
        table,
        columns: Object.fromEntries(
          columns.map((column) => [column.name, { ...columnType(column.type), nullable: true }]),
        ),
        pairs: numeric.flatMap((x, i) => numeric.slice(i + 1).map((y) => [x.name, y.name])),
      };
      await temp.vault.ingest(
        schema,
        rows.map((row) => Object.fromEntries(columns.map((c, i) => [c.name, row[i]]))),
      );
    }
  });
  afterAll(() => temp[Symbol.asyncDispose]());

  const sqlOf = (test: Suite['cases'][number]): string =>
    test.sql.replaceAll(new RegExp(`\\b${test.table_name}\\b(?!\\()`, 'g'), names.get(test.table)!);

  it.each(pick(suite.cases).map((test) => [test.id, test] as const))('%s', async (_, test) => {
    const { rows } = await temp.vault.query(sqlOf(test));
    expect(rows.length).toBe(test.expected.length);
    const expected = NULLS_FIRST.has(test.id) ? nullsLast(test.expected) : test.expected;
    rows.forEach((row, r) => {
      row.forEach((cell, c) => sameCell(cell, expected[r]![c]!));
    });
  });
});
