import { doubleParts } from '../bytes/double.ts';
import { REAL_POINT } from '../params/fixed-point.ts';
import type { Schema } from '../table/schema.ts';
import { type TokenRule, tokensOf } from '../table/tokens.ts';
import type { Value } from '../table/value.ts';
import { compareText } from './datum.ts';
import { histogramText } from './histogram.ts';
import { matchesLike } from './like.ts';
import type { AggregatePlan, GroupResult, Predicate, RankTerm, SelectPlan } from './physical.ts';

type Row = readonly Value[];

/**
 * The plain twin of an aggregate plan: its groups' exact terms from plaintext rows, cells in schema
 * order. Row by row and term by term, with nothing shared with the encrypted path.
 */
export function interpretAggregate(
  plan: Pick<AggregatePlan, 'groupBy' | 'filter' | 'terms'>,
  schema: Schema,
  rows: Iterable<Row>,
): GroupResult[] {
  const place = places(schema);
  return groupRows(plan, schema, rows).map(({ key, rows: members }) => ({
    key,
    terms: plan.terms.map((term) => {
      const cells = (name: string): NonNullable<Value>[] =>
        members.flatMap((row) => row[place(name)] ?? []);
      switch (term.kind) {
        case 'sum':
        case 'count': {
          const counted = members.filter((row) =>
            term.over.every((name) => row[place(name)] !== null),
          );
          const product = (row: Row): bigint =>
            term.kind === 'count'
              ? 1n
              : term.product.reduce((value, name) => value * whole(row[place(name)]!), 1n);
          return counted.reduce((sum, row) => sum + product(row), 0n);
        }
        case 'rank':
          return valueAt(term, cells(term.column).sort(compare));
        case 'distinct':
          return BigInt(new Set(cells(term.column)).size);
        case 'histogram': {
          const { scale } = schema.columns[place(term.column)]!;
          return histogramOf(cells(term.column) as bigint[], term.buckets, scale);
        }
        default:
          return term satisfies never;
      }
    }),
  }));
}

/** The rows of which a plan's filter is true, by group; without grouping columns one group always. */
export function groupRows(
  plan: Pick<AggregatePlan, 'groupBy' | 'filter'>,
  schema: Schema,
  rows: Iterable<Row>,
): { key: Row; rows: Row[] }[] {
  const place = places(schema);
  const groups = new Map<string, { key: Row; rows: Row[] }>();
  if (plan.groupBy.length === 0) groups.set('', { key: [], rows: [] });
  for (const row of rows) {
    if (holdsOf(plan.filter, row, schema, place) !== true) continue;
    const key = plan.groupBy.map((name) => row[place(name)]!);
    const text = keyText(key);
    const group = groups.get(text);
    if (group === undefined) groups.set(text, { key, rows: [row] });
    else group.rows.push(row);
  }
  return [...groups.values()];
}

/** A text that two groups' keys never share: NULL, text and numbers are apart. */
export function keyText(key: readonly Value[]): string {
  return key.map((cell) => `${typeof cell}:${JSON.stringify(String(cell))}`).join();
}

function valueAt({ fraction, rounding }: RankTerm, sorted: readonly NonNullable<Value>[]): Value {
  const { numerator: p, denominator: q } = fraction;
  const n = BigInt(sorted.length);
  const upwards = (a: bigint): bigint => (a + q - 1n) / q;
  const rank = {
    down: (): bigint => (p * (n - 1n)) / q,
    up: (): bigint => upwards(p * (n - 1n)),
    disc: (): bigint => upwards(p * n) - 1n,
  }[rounding]();
  return sorted[Number(rank < 0n ? 0n : rank)] ?? null;
}

function histogramOf(cells: readonly bigint[], buckets: number, scale: number): Value {
  const [first] = cells;
  if (first === undefined) return null;
  const low = cells.reduce((a, b) => (b < a ? b : a), first);
  const high = cells.reduce((a, b) => (b > a ? b : a), first);
  const counts = Array.from({ length: buckets }, () => 0);
  for (const cell of cells) {
    const part = high === low ? 0n : ((cell - low) * BigInt(buckets)) / (high - low);
    counts[Math.min(buckets - 1, Number(part))]! += 1;
  }
  return histogramText(low, high, counts, scale);
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
    if (holdsOf(plan.filter, row, schema, place) === true) {
      found.push(plan.columns.map((name) => row[place(name)]!));
    }
  }
  return found;
}

/** True, false or unknown (null): SQL's three-valued logic, as written. */
export function evaluatePredicate(predicate: Predicate, schema: Schema, row: Row): boolean | null {
  return holdsOf(predicate, row, schema, places(schema));
}

function holdsOf(
  predicate: Predicate,
  row: Row,
  schema: Schema,
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
    case 'keyword': {
      const at = place(predicate.column);
      const cell = row[at]!;
      if (cell === null) return null;
      return keywordsIn(row, at, schema.columns[at]!.tokens!).has(predicate.keyword);
    }
    case 'like': {
      const cell = row[place(predicate.column)]!;
      return cell === null ? null : matchesLike(predicate.pattern, cell as string);
    }
    case 'not': {
      const arg = holdsOf(predicate.arg, row, schema, place);
      return arg === null ? null : !arg;
    }
    case 'and': {
      const args = predicate.args.map((arg) => holdsOf(arg, row, schema, place));
      return args.includes(false) ? false : args.includes(null) ? null : true;
    }
    case 'or': {
      const args = predicate.args.map((arg) => holdsOf(arg, row, schema, place));
      return args.includes(true) ? true : args.includes(null) ? null : false;
    }
  }
}

/** Keywords of documents by row and column: a condition asks for many of one document. */
const cut = new WeakMap<Row, Map<number, ReadonlySet<string>>>();

function keywordsIn(row: Row, column: number, rule: TokenRule): ReadonlySet<string> {
  const known = cut.get(row) ?? new Map<number, ReadonlySet<string>>();
  cut.set(row, known);
  const keywords = known.get(column) ?? new Set(tokensOf(row[column] as string, rule));
  known.set(column, keywords);
  return keywords;
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
