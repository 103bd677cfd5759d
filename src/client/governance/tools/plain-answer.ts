import { finishAggregate, finishSelect } from '../../../plan/finish.ts';
import { interpretAggregate, interpretSelect } from '../../../plan/interpret.ts';
import type { Plan } from '../../../plan/physical.ts';
import type { Cell, ResultTable } from '../../../plan/result.ts';
import type { Schema } from '../../../table/schema.ts';
import type { ColumnData, Value } from '../../../table/value.ts';
import { deriveColumns } from '../../ingest/derive.ts';
import { batchesFromRows, type Row } from '../../ingest/rows.ts';

/** An input's rows as values, in the order of the schema's columns. */
export async function valuesOf(schema: Schema, rows: readonly Row[]): Promise<readonly Value[][]> {
  const values: Value[][] = [];
  for await (const batch of deriveColumns(schema, batchesFromRows(schema, rows))) {
    for (let row = 0; row < batch.rows; row++) {
      values.push(batch.columns.map((column) => valueOf(column, row)));
    }
  }
  return values;
}

function valueOf(column: ColumnData, row: number): Value {
  if (column.valid[row] === 0) return null;
  const value = column.values[row]!;
  return column.kind === 'int' ? BigInt(value) : value;
}

/** What a plan answers by its plain twin, from rows in clear. */
export function plainAnswer(plan: Plan, schema: Schema, rows: readonly Value[][]): ResultTable {
  return plan.kind === 'aggregate'
    ? finishAggregate(plan, schema, interpretAggregate(plan, schema, rows))
    : finishSelect(plan, schema, interpretSelect(plan, schema, rows));
}

/**
 * Whether an answer is that of the plain twin: the same rows, in any order, exactly; what was made from reals as
 * near as the answer says that it is.
 */
export function isSameAnswer(given: ResultTable, plain: ResultTable): boolean {
  if (JSON.stringify(given.columns) !== JSON.stringify(plain.columns)) return false;
  if (given.rows.length !== plain.rows.length) return false;
  const inexact = given.errors ?? [];
  const exact = (row: readonly Cell[]): string =>
    JSON.stringify(row.map((cell, i) => (typeof inexact[i] === 'number' ? 0 : cell)));
  const sorted = ({ rows }: ResultTable): readonly Cell[][] =>
    rows.toSorted((a, b) => compare(exact(a), exact(b)) || compareNumbers(a, b));
  const [ours, theirs] = [sorted(given), sorted(plain)];
  return ours.every((row, r) =>
    row.every((cell, i) => {
      const other = theirs[r]![i];
      const error = inexact[i];
      if (typeof error !== 'number' || typeof cell !== 'number' || typeof other !== 'number') {
        return cell === other;
      }
      return Math.abs(cell - other) <= error + Math.abs(other) * ROUNDING;
    }),
  );
}

/** Of the twin's own arithmetic on doubles. */
const ROUNDING = 1e-9;

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function compareNumbers(a: readonly Cell[], b: readonly Cell[]): number {
  for (const [i, cell] of a.entries()) {
    const difference = Number(cell) - Number(b[i]);
    if (difference !== 0 && !Number.isNaN(difference)) return difference;
  }
  return 0;
}
