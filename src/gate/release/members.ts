import { OpalineError } from '../../errors/opaline-error.ts';
import { evaluatePredicate, keyText } from '../../plan/interpret.ts';
import type { AggregatePlan, Predicate } from '../../plan/physical.ts';
import type { Partition } from '../../policy/release/refine.ts';
import type { Schema } from '../../table/schema.ts';
import type { Value } from '../../table/value.ts';
import { GROUP_LIMIT } from '../group-values.ts';
import type { RowSource } from './table-rows.ts';

/** Which rows are behind each figure of a query. */
export interface Members {
  /** The grouping values of each group. */
  readonly keys: readonly (readonly Value[])[];
  /** One for each set of columns that figures need not to be NULL; the first is of all rows of a group. */
  readonly partitions: readonly Partition[];
  /** By term of the plan: the partition that it is computed over. */
  readonly partitionOf: readonly number[];
  /** By partition and group: rows. */
  readonly rows: readonly Uint32Array[];
  /** By row number: 1 where the table has it now and it counts. */
  readonly live: Uint8Array;
}

/** The columns that decide who is behind a figure, by place in the schema. */
export function decidingColumns(plan: AggregatePlan, schema: Schema): number[] {
  const names = new Set([
    ...columnsOf(plan.filter),
    ...plan.groupBy,
    ...plan.terms.flatMap(overOf),
  ]);
  return schema.columns.flatMap(({ name }, i) => (names.has(name) ? [i] : []));
}

/** @param count numbers of rows so far @throws GROUP_LIMIT */
export function membersOf(
  plan: AggregatePlan,
  schema: Schema,
  sources: readonly RowSource[],
  count: number,
): Members {
  const place = (name: string): number => schema.columns.findIndex((one) => one.name === name);
  const overs = [...new Set(['', ...plan.terms.map((term) => overOf(term).join('\0'))])];
  const needed = overs.map((over) => (over === '' ? [] : over.split('\0').map(place)));
  const grouping = plan.groupBy.map(place);
  const filtered = [...columnsOf(plan.filter)].map(place);
  const live = new Uint8Array(count);
  const sets = overs.map(() => new Int32Array(count).fill(-1));
  const numbers = new Map<string, number>();
  const keys: Value[][] = [];
  // Without grouping columns there is a group also where no row is.
  if (grouping.length === 0) numbers.set('', keys.push([]) - 1);
  for (const source of sources) {
    const holds = remembered(source, filtered, (row) => {
      const cells = sparse(schema, source, filtered, row);
      return evaluatePredicate(plan.filter, schema, cells) === true;
    });
    const groupAt = remembered(source, grouping, (row) => {
      const key = grouping.map((column) => source.cell(row, column));
      const text = keyText(key);
      const known = numbers.get(text);
      if (known !== undefined) return known;
      numbers.set(text, keys.length);
      return keys.push(key) - 1;
    });
    source.numbers.forEach((number, row) => {
      if (source.live[row] !== 1) return;
      live[number] = 1;
      if (!holds(row)) return;
      const group = groupAt(row);
      for (const [i, columns] of needed.entries()) {
        if (columns.every((column) => source.cell(row, column) !== null)) sets[i]![number] = group;
      }
    });
  }
  const groups = keys.length;
  if (groups > GROUP_LIMIT) throw new OpalineError('GROUP_LIMIT', { groups, limit: GROUP_LIMIT });
  return {
    keys,
    partitions: sets.map((groupOf) => ({ groupOf, groups })),
    partitionOf: plan.terms.map((term) => overs.indexOf(overOf(term).join('\0'))),
    rows: sets.map((groupOf) => {
      const rows = new Uint32Array(groups);
      for (const group of groupOf) if (group !== -1) rows[group]! += 1;
      return rows;
    }),
    live,
  };
}

function overOf(term: AggregatePlan['terms'][number]): readonly string[] {
  return 'over' in term ? term.over : [term.column];
}

/** Every column that a condition names. */
function columnsOf(predicate: Predicate, into: Set<string> = new Set()): Set<string> {
  if ('column' in predicate) into.add(predicate.column);
  if ('arg' in predicate) columnsOf(predicate.arg, into);
  if ('args' in predicate) for (const arg of predicate.args) columnsOf(arg, into);
  return into;
}

function sparse(
  schema: Schema,
  source: RowSource,
  columns: readonly number[],
  row: number,
): Value[] {
  const cells: Value[] = schema.columns.map(() => null);
  for (const column of columns) cells[column] = source.cell(row, column);
  return cells;
}

/** A function of a row's cells in some columns, computed once for each combination of values. */
function remembered<T>(
  { code }: RowSource,
  columns: readonly number[],
  compute: (row: number) => T,
): (row: number) => T {
  if (code === undefined) return compute;
  const known = new Map<string | number, T>();
  const [only] = columns;
  const keyOf =
    columns.length === 0
      ? (): number => 0
      : columns.length === 1
        ? (row: number): number => code(row, only!)
        : (row: number): string => columns.map((column) => code(row, column)).join();
  return (row) => {
    const key = keyOf(row);
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = compute(row);
    known.set(key, made);
    return made;
  };
}
