/** Doubles hold every whole number up to here. */
const EXACT = 2 ** 53;

const magnitudes = new WeakMap<Int32Array, number>();

/** The greatest magnitude of a column; columns do not change, so it is found once. */
export function magnitudeOf(values: Int32Array): number {
  let magnitude = magnitudes.get(values);
  if (magnitude === undefined) {
    magnitude = 0;
    for (const value of values) magnitude = Math.max(magnitude, Math.abs(value));
    magnitudes.set(values, magnitude);
  }
  return magnitude;
}

/** Rows over which terms up to `magnitude` add up exactly in a double; 0 where one term may not be exact. */
function exactRows(magnitude: number): number {
  return magnitude === 0 ? EXACT : Math.floor(EXACT / magnitude);
}

/** Σ of a column. */
export function sumOf(values: Int32Array): bigint {
  const block = exactRows(magnitudeOf(values));
  let sum = 0n;
  for (let from = 0; from < values.length; from += block) {
    const end = Math.min(values.length, from + block);
    let part = 0;
    for (let row = from; row < end; row++) part += values[row]!;
    sum += BigInt(part);
  }
  return sum;
}

/** Σ of the products of two columns, row by row. */
export function sumOfProducts(x: Int32Array, y: Int32Array): bigint {
  const block = exactRows(magnitudeOf(x) * magnitudeOf(y));
  let sum = 0n;
  if (block === 0) {
    for (let row = 0; row < x.length; row++) sum += BigInt(x[row]!) * BigInt(y[row]!);
    return sum;
  }
  for (let from = 0; from < x.length; from += block) {
    const end = Math.min(x.length, from + block);
    let part = 0;
    for (let row = from; row < end; row++) part += x[row]! * y[row]!;
    sum += BigInt(part);
  }
  return sum;
}

/** Σ of the rows that are chosen, and how many they are. */
export function sumWhere(
  values: Int32Array,
  chosen: (row: number) => boolean,
): { readonly sum: bigint; readonly rows: number } {
  const block = exactRows(magnitudeOf(values));
  let sum = 0n;
  let rows = 0;
  for (let from = 0; from < values.length; from += block) {
    const end = Math.min(values.length, from + block);
    let part = 0;
    for (let row = from; row < end; row++) {
      if (!chosen(row)) continue;
      part += values[row]!;
      rows++;
    }
    sum += BigInt(part);
  }
  return { sum, rows };
}

/** Σ for each code that a row has; undefined for codes of no row. */
export function sumByCode(
  values: Int32Array,
  codes: Uint32Array,
  count: number,
): (bigint | undefined)[] {
  const block = exactRows(magnitudeOf(values));
  const sums = Array.from({ length: count }, () => 0n);
  const rows = new Uint32Array(count);
  for (let from = 0; from < values.length; from += block) {
    const parts = new Float64Array(count);
    const end = Math.min(values.length, from + block);
    for (let row = from; row < end; row++) {
      const code = codes[row]!;
      parts[code]! += values[row]!;
      rows[code]!++;
    }
    parts.forEach((part, code) => (sums[code]! += BigInt(part)));
  }
  return sums.map((sum, code) => (rows[code] === 0 ? undefined : sum));
}
