import { LIMB_STEP, PRODUCT_BITS, VALUE_BITS } from '../../params/fixed-point.ts';
import type { ColumnData } from '../../table/value.ts';
import type { FixedPoint } from '../../table/segment-meta.ts';
import { fixColumn, fixProduct, type FixedValues } from './fixed-point.ts';
import { isAggregated, type Schema, storedPairs } from '../../table/schema.ts';

/** Σ over these schema indexes is stored as ciphertexts: [x], [x, x] or [x, y], in schema order. */
export type Factors = readonly [number] | readonly [number, number];

/** What is encrypted of a table: x and x² of every numeric column, then the pairs. */
export function storedProducts(schema: Schema): Factors[] {
  const out: Factors[] = [];
  schema.columns.forEach((column, i) => {
    if (isAggregated(column)) out.push([i], [i, i]);
  });
  const position = (name: string): number => schema.columns.findIndex((c) => c.name === name);
  for (const [x, y] of storedPairs(schema)) out.push([position(x), position(y)]);
  return out;
}

/** Whole numbers of one row each, and the largest magnitude among them. NULL counts as 0. */
export interface ProductValues {
  /** Exact doubles where every value is a safe integer, else bigints. */
  readonly values: Float64Array | readonly bigint[];
  readonly maxAbs: bigint;
  /** What they stand for where a column is real. */
  readonly fixed?: FixedPoint;
}

/** The product of one column or two; of reals with a point that is a multiple of `step`. */
export function multiplyColumns(
  columns: readonly ColumnData[],
  step: number = LIMB_STEP,
): ProductValues {
  if (!columns.some(({ kind }) => kind === 'real')) return multiplyWhole(columns);
  const { values, ...fixed } = fix(columns, step);
  return { values, maxAbs: largest(values), fixed };
}

function fix([x, y]: readonly ColumnData[], step: number): FixedValues {
  if (x?.kind === 'real' && y === undefined) return fixColumn(x.values, VALUE_BITS, step);
  return fixProduct(x!, y!, PRODUCT_BITS, step);
}

function multiplyWhole(columns: readonly ColumnData[]): ProductValues {
  const [x, y] = columns;
  if (x === undefined) throw new TypeError('a product has at least one factor');
  if (y === undefined) return { values: wholeNumbers(x), maxAbs: largest(wholeNumbers(x)) };
  const a = wholeNumbers(x);
  const b = wholeNumbers(y);
  const bound = largest(a) * largest(b);
  const rows = a.length;
  // A product with a NULL side must be 0, which it is: the NULL's own value is 0.
  if (a instanceof Float64Array && b instanceof Float64Array && bound <= SAFE) {
    const values = new Float64Array(rows);
    for (let i = 0; i < rows; i++) values[i] = a[i]! * b[i]! + 0;
    return { values, maxAbs: largest(values) };
  }
  const values = Array.from({ length: rows }, (_, i) => BigInt(a[i]!) * BigInt(b[i]!));
  return { values, maxAbs: largest(values) };
}

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

function wholeNumbers(column: ColumnData): Float64Array | readonly bigint[] {
  if (column.kind === 'int') return column.values;
  if (column.kind === 'big') return column.values;
  throw new TypeError('only whole numbers are multiplied');
}

function largest(values: Float64Array | readonly bigint[]): bigint {
  if (values instanceof Float64Array) {
    let most = 0;
    for (const value of values) most = Math.max(most, Math.abs(value));
    return BigInt(most);
  }
  let most = 0n;
  for (const value of values) {
    const size = value < 0n ? -value : value;
    if (size > most) most = size;
  }
  return most;
}
