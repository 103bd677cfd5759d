import fc from 'fast-check';
import { expect } from 'vitest';
import type { Vault } from '../../src/client/api.ts';
import type { Parameter } from '../../src/plan/parameter.ts';
import { evaluatePredicate } from '../../src/plan/interpret.ts';
import { planDelete } from '../../src/plan/plan-query.ts';
import { schemaToJson } from '../../src/table/schema-json.ts';
import type { Schema } from '../../src/table/schema.ts';
import { formatValue } from '../../src/table/value-text.ts';
import type { Value } from '../../src/table/value.ts';
import { objects } from './objects.ts';

export type Rows = readonly (readonly Value[])[];

/** What is done to a table between two queries. `at` picks rows, cells and operators. */
export interface Step {
  readonly kind: 'append' | 'delete' | 'erase' | 'compact';
  readonly at: number;
}

export const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('append', 'delete', 'delete', 'erase', 'compact'),
  at: fc.nat(1000),
});

/** A DELETE that the table's own rows suggest. */
function deletion(
  schema: Schema,
  rows: Rows,
  at: number,
): { sql: string; parameters: readonly Parameter[] } {
  const names = schema.columns.map(({ type }, i) => (type === 'document' ? -1 : i));
  const searchable = names.filter((i) => i >= 0);
  const i = searchable[at % searchable.length]!;
  const column = schema.columns[i]!;
  const name = `"${column.name.replaceAll('"', '""')}"`;
  const cell = rows[at % Math.max(1, rows.length)]?.[i] ?? null;
  const from = `DELETE FROM ${schema.table} WHERE ${name}`;
  if (cell === null) return { sql: `${from} IS NULL`, parameters: [] };
  const parameters = [typeof cell === 'number' ? cell : formatValue(cell, column)];
  const ordered = column.type !== 'boolean';
  return { sql: `${from} ${ordered && at % 3 === 0 ? '<=' : '='} $1`, parameters };
}

/** The rows that the table has then. */
export async function apply(
  vault: Vault,
  schema: Schema,
  { kind, at }: Step,
  rows: Rows,
  spare: Rows,
): Promise<Rows> {
  switch (kind) {
    case 'append': {
      const more = spare.slice(0, at % (spare.length + 1));
      await vault.ingest(schemaToJson(schema), objects(schema, more), { append: true });
      return [...rows, ...more];
    }
    case 'compact':
      await vault.compact(schema.table);
      return rows;
    default: {
      const { sql, parameters } = deletion(schema, rows, at);
      const schemas = new Map([[schema.table, schema]]);
      const { filter } = await planDelete(sql, parameters, { schemas });
      const kept = rows.filter((row) => evaluatePredicate(filter, schema, row) !== true);
      const report = await vault.delete(sql, parameters, { erase: kind === 'erase' });
      expect(report.rows).toBe(rows.length - kept.length);
      return kept;
    }
  }
}
