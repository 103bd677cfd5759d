import { doubleParts } from '../bytes/double.ts';
import { REAL_POINT } from '../params/fixed-point.ts';
import type { Schema } from '../table/schema.ts';
import type { Value } from '../table/value.ts';
import { compareText } from './datum.ts';
import type { AggregatePlan, GroupResult, Predicate, SelectPlan } from './physical.ts';

type Row = readonly Value[];

/**
 * The plain twin of an aggregate plan: its groups' exact sums and counts from plaintext rows, cells
 * in schema order. Row by row and term by term, with nothing shared with the encrypted path.
 */
export function interpretAggregate(
  plan: AggregatePlan,
  schema: Schema,
  rows: Iterable<Row>,
): GroupResult[] {
  const place = places(schema);
  const groups = new Map<string, { key: Row; terms: bigint[] }>();
  if (plan.groupBy.length === 0) groups.set('', { key: [], terms: plan.terms.map(() => 0n) });
  for (const row of rows) {
    if (holdsOf(plan.filter, row, place) !== true) continue;
    const key = plan.groupBy.map((name) => row[place(name)]!);
    const text = key.map((cell) => `${typeof cell}:${JSON.stringify(String(cell))}`).join();
    let group = groups.get(text);
    if (group === undefined) {
      group = { key, terms: plan.terms.map(() => 0n) };
      groups.set(text, group);
    }
    for (const [i, term] of plan.terms.entries()) {
      if (term.over.some((name) => row[place(name)] === null)) continue;
      const product =
        term.kind === 'count'
          ? 1n
          : term.product.reduce((value, name) => value * whole(row[place(name)]!), 1n);
      group.terms[i]! += product;
    }
  }
  return [...groups.values()];
}

/** The cell as a whole number; a real in units of 2^-REAL_POINT, exactly. */
function whole(cell: NonNullable<Value>): bigint {
  if (typeof cell === 'bigint') return cell;
  const { mantissa, exponent } = doubleParts(cell as number);
  return BigInt(mantissa) << BigInt(REAL_POINT + exponent);
}

/** The plain twin of a row-retrieval plan: the cells of `plan.columns` of the matching rows. */
export function interpretSelect(plan: SelectPlan, schema: Schema, rows: Iterable<Row>): Value[][] {
  const place = places(schema);
  const found: Value[][] = [];
  for (const row of rows) {
    if (holdsOf(plan.filter, row, place) === true) {
      found.push(plan.columns.map((name) => row[place(name)]!));
    }
  }
  return found;
}

/** True, false or unknown (null): SQL's three-valued logic, as written. */
export function evaluatePredicate(predicate: Predicate, schema: Schema, row: Row): boolean | null {
  return holdsOf(predicate, row, places(schema));
}

function holdsOf(
  predicate: Predicate,
  row: Row,
  place: (column: string) => number,
): boolean | null {
  switch (predicate.kind) {
    case 'constant':
      return predicate.value;
    case 'isNull':
      return row[place(predicate.column)] === null;
    case 'equals': {
      const cell = row[place(predicate.column)]!;
      return cell === null ? null : cell === predicate.value;
    }
    case 'range': {
      const cell = row[place(predicate.column)]!;
      if (cell === null) return null;
      const { low, high } = predicate;
      const above = low === undefined || admits(compare(cell, low.value), low.inclusive);
      const below = high === undefined || admits(compare(high.value, cell), high.inclusive);
      return above && below;
    }
    case 'not': {
      const arg = holdsOf(predicate.arg, row, place);
      return arg === null ? null : !arg;
    }
    case 'and': {
      const args = predicate.args.map((arg) => holdsOf(arg, row, place));
      return args.includes(false) ? false : args.includes(null) ? null : true;
    }
    case 'or': {
      const args = predicate.args.map((arg) => holdsOf(arg, row, place));
      return args.includes(true) ? true : args.includes(null) ? null : false;
    }
  }
}

const admits = (order: number, inclusive: boolean): boolean => (inclusive ? order >= 0 : order > 0);

function compare(a: NonNullable<Value>, b: NonNullable<Value>): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  return a < b ? -1 : a > b ? 1 : 0;
}

function places(schema: Schema): (column: string) => number {
  const index = new Map(schema.columns.map(({ name }, i) => [name, i]));
  return (column) => index.get(column)!;
}
