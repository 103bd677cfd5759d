import { compareBytes } from '../../bytes/compare.ts';
import { canonicalBytes } from '../../table/canonical.ts';
import type { ColumnData, ColumnType, Value } from '../../table/value.ts';

/** A column as the index builder wants it: distinct values in order, and each row's value number. */
export interface RankedColumn {
  /** Canonical bytes of the distinct values, ascending. */
  readonly keywords: readonly Uint8Array[];
  /** Per row the index of its keyword, −1 for NULL, −2 for a hole. */
  readonly codes: Int32Array;
  /** Rows that are NULL. */
  readonly nulls: number;
}

/** `holes` are rows that no list may name: the places of erased rows, NULL in the column. */
export function rankColumn(
  column: ColumnData,
  type: ColumnType,
  holes?: Iterable<number>,
): RankedColumn {
  const { valid } = column;
  let nulls = valid.reduce((sum, present) => sum + (present === 0 ? 1 : 0), 0);
  const { keywords, codes } = ranks(column, nulls, type);
  for (const row of holes ?? []) {
    if (codes[row] === -1) nulls--;
    codes[row] = -2;
  }
  return { keywords, codes, nulls };
}

type Ranks = Pick<RankedColumn, 'keywords' | 'codes'>;

function ranks(column: ColumnData, nulls: number, type: ColumnType): Ranks {
  const { valid } = column;
  switch (column.kind) {
    case 'int':
    case 'real':
      return rankDoubles(column.values, valid, nulls, type);
    case 'big':
      return rankDistinct(column.values, valid, type, compareBigInts);
    case 'text':
      return rankDistinct(column.values, valid, type);
    default:
      return column satisfies never;
  }
}

/** Widest span of values, in multiples of their number, for which a code is looked up in a table. */
const TABLE_SPAN = 4;

/** By sorting doubles in place: no object a row. −0 equals 0 here, as it does in canonical bytes. */
function rankDoubles(
  values: Float64Array,
  valid: Uint8Array,
  nulls: number,
  type: ColumnType,
): Ranks {
  const present = nulls === 0 ? values.slice() : values.filter((_, row) => valid[row] !== 0);
  const distinct = dropRepeats(present.sort());
  const low = distinct[0] ?? 0;
  const span = (distinct.at(-1) ?? 0) - low;
  const codeOf =
    type !== 'real' && span < TABLE_SPAN * values.length
      ? tableLookup(distinct, low, span)
      : (value: number): number => search(distinct, value);
  const codes = new Int32Array(values.length);
  for (let row = 0; row < codes.length; row++) {
    codes[row] = valid[row] === 0 ? -1 : codeOf(values[row]!);
  }
  return { keywords: Array.from(distinct, (value) => canonicalBytes(value, type)), codes };
}

/** The sorted values, each once: a view of the beginning of the same array. */
function dropRepeats(sorted: Float64Array): Float64Array {
  let count = 0;
  for (let i = 0; i < sorted.length; i++) {
    if (count === 0 || sorted[i] !== sorted[count - 1]) sorted[count++] = sorted[i]!;
  }
  return sorted.subarray(0, count);
}

function tableLookup(distinct: Float64Array, low: number, span: number): (value: number) => number {
  const codes = new Int32Array(span + 1);
  for (let code = 0; code < distinct.length; code++) codes[distinct[code]! - low] = code;
  return (value) => codes[value - low]!;
}

/** Where a value is among distinct ascending ones, which hold it. */
function search(distinct: Float64Array, value: number): number {
  let low = 0;
  let high = distinct.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (distinct[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** By one look into a map a row; without `compare` the values' canonical bytes give their order. */
function rankDistinct<T extends NonNullable<Value>>(
  values: readonly T[],
  valid: Uint8Array,
  type: ColumnType,
  compare?: (a: T, b: T) => number,
): Ranks {
  const numbers = new Map<T, number>();
  const codes = new Int32Array(values.length);
  for (let row = 0; row < codes.length; row++) {
    codes[row] = valid[row] === 0 ? -1 : numberOf(numbers, values[row]!);
  }
  const found = [...numbers].map(([value, number]) => ({
    value,
    number,
    bytes: canonicalBytes(value, type),
  }));
  found.sort((a, b) => compare?.(a.value, b.value) ?? compareBytes(a.bytes, b.bytes));
  const codeOf = new Int32Array(found.length);
  for (const [code, { number }] of found.entries()) codeOf[number] = code;
  for (let row = 0; row < codes.length; row++) {
    if (codes[row] !== -1) codes[row] = codeOf[codes[row]!]!;
  }
  return { keywords: found.map(({ bytes }) => bytes), codes };
}

/** In order of first appearance. */
function numberOf<T>(numbers: Map<T, number>, value: T): number {
  const known = numbers.get(value);
  if (known !== undefined) return known;
  numbers.set(value, numbers.size);
  return numbers.size - 1;
}

function compareBigInts(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
