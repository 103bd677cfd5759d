import fc from 'fast-check';
import type { Parameter } from '../../src/plan/parameter.ts';
import { parseSchema } from '../../src/table/schema-json.ts';
import type { Column, Schema } from '../../src/table/schema.ts';
import type { ColumnType, Value } from '../../src/table/value.ts';
import { queries } from './sql/queries.ts';
import { render, type Query } from './query.ts';
import { values } from './sql/values.ts';

/** A table and a question about it: what every way of answering queries must agree on. */
export interface Triple {
  readonly schema: Schema;
  /** Cells in schema order. */
  readonly rows: readonly (readonly Value[])[];
  readonly sql: string;
  readonly parameters: readonly Parameter[];
  /** The query before it was written as SQL, for the oracle. */
  readonly query: Query;
}

export interface TripleOptions {
  /** Most rows. */
  readonly maxRows?: number;
  /** Now and then cells up to ±2^62. */
  readonly large?: boolean;
}

const NAMES = ['a', 'b', 'Total', 'group', 'two words', 'é'];
const TYPES: readonly ColumnType[] = [
  'integer',
  'integer',
  'decimal',
  'decimal',
  'text',
  'boolean',
  'date',
  'timestamp',
  'real',
];

/** Schemas, data and queries over everything that this version answers. */
export function triples({ maxRows = 120, large = true }: TripleOptions = {}): fc.Arbitrary<Triple> {
  return schemas().chain((schema) =>
    fc
      .tuple(...schema.columns.map((column) => pools(column, large)))
      .chain((pool) =>
        fc.record({ rows: rowsOf(schema, pool, maxRows), query: queries(schema, pool) }),
      )
      .map(({ rows, query }) => ({ schema, rows, query, ...render(query, schema.table) })),
  );
}

function schemas(): fc.Arbitrary<Schema> {
  const column = fc.record({
    type: fc.constantFrom(...TYPES),
    scale: fc.integer({ min: 1, max: 4 }),
    nullable: fc.boolean(),
  });
  return fc
    .record({
      columns: fc.array(column, { minLength: 2, maxLength: 6 }),
      keep: fc.array(fc.boolean(), { minLength: 15, maxLength: 15 }),
      essay: fc.option(
        fc.record({ nullable: fc.boolean(), tokens: fc.constantFrom('unicode', 'ascii') }),
      ),
    })
    .map(({ columns, keep, essay }) => {
      const named = columns.map(({ type, scale, nullable }, i) => ({
        name: NAMES[i]!,
        type,
        nullable,
        ...(type === 'decimal' ? { scale } : {}),
        ...(type === 'text' ? { search: { index: 'sse', prefix: 3 + scale, ngram: 2 } } : {}),
      }));
      const numeric = named.filter(({ type }) => type === 'integer' || type === 'decimal');
      const pairs = numeric.flatMap((x, i) => numeric.slice(i + 1).map((y) => [x.name, y.name]));
      return parseSchema({
        version: 1,
        table: 't',
        columns: {
          ...Object.fromEntries(named.map(({ name, ...rest }) => [name, rest])),
          ...(essay && { essay: { type: 'document', ...essay } }),
        },
        pairs: pairs.filter((_, i) => keep[i]!),
      });
    });
}

/** A few distinct values of a column. */
function pools(column: Column, large: boolean): fc.Arbitrary<NonNullable<Value>[]> {
  return fc.array(values(column, large), { minLength: 1, maxLength: 5 });
}

function rowsOf(
  schema: Schema,
  pool: readonly NonNullable<Value>[][],
  maxRows: number,
): fc.Arbitrary<Value[][]> {
  const cells = schema.columns.map((column, i) =>
    column.nullable
      ? fc.oneof(
          { weight: 4, arbitrary: fc.constantFrom(...pool[i]!) },
          { weight: 1, arbitrary: fc.constant(null) },
        )
      : fc.constantFrom(...pool[i]!),
  );
  return fc.array(fc.tuple(...cells), { maxLength: maxRows, size: 'max' });
}
