import { doubleParts, lowestBit } from '../../bytes/double.ts';
import { choosePoint } from '../../params/fixed-point.ts';
import type { ColumnData } from '../../table/value.ts';

/** Whole numbers of one row each that stand for value·2^point. NULL counts as 0. */
export interface FixedValues {
  /** Exact doubles where every value is a safe integer, else bigints. */
  readonly values: Float64Array | readonly bigint[];
  readonly point: number;
  /** Rows whose number is not exactly value·2^point, but within half of it. */
  readonly inexact: number;
}

/** A column of doubles to the nearest multiples of 2^-point, at least `bits` bits of the largest. */
export function fixColumn(reals: Float64Array, bits: number, step: number): FixedValues {
  let most = 0;
  let lowest = Infinity;
  for (const value of reals) {
    if (value === 0) continue;
    most = Math.max(most, Math.abs(value));
    lowest = Math.min(lowest, lowestBit(value));
  }
  if (most === 0) return { values: reals, point: 0, inexact: 0 };
  const magnitude = bitLength(most);
  const point = choosePoint(magnitude, lowest, bits, step);
  // In two steps, since 2^point itself may be no double. What underflows on the way is far below ½.
  const half = Math.trunc(point / 2);
  const [first, second] = [2 ** half, 2 ** (point - half)];
  const scaled = reals.map((value) => value * first * second);
  let inexact = 0;
  const whole = scaled.map((value, row) => {
    const nearest = Math.round(value) + 0;
    if (nearest !== value || (value === 0 && reals[row] !== 0)) inexact++;
    return nearest;
  });
  const small = magnitude + point <= 53;
  return { values: small ? whole : Array.from(whole, BigInt), point, inexact };
}

/** Row by row the product of a column of doubles with another column, computed exactly and then rounded. */
export function fixProduct(a: ColumnData, b: ColumnData, bits: number, step: number): FixedValues {
  const rows = a.valid.length;
  const left = partsOf(a);
  const right = partsOf(b);
  const mantissas: bigint[] = [];
  const exponents = new Int32Array(rows);
  let magnitude = -Infinity;
  let lowest = Infinity;
  for (let row = 0; row < rows; row++) {
    const product = left.mantissa(row) * right.mantissa(row);
    const exponent = left.exponent(row) + right.exponent(row);
    mantissas.push(product);
    exponents[row] = exponent;
    if (product === 0n) continue;
    const size = product < 0n ? -product : product;
    magnitude = Math.max(magnitude, exponent + size.toString(16).length * 4);
    lowest = Math.min(lowest, left.lowest(row) + right.lowest(row));
  }
  if (magnitude === -Infinity) {
    return { values: new Float64Array(rows), point: 0, inexact: 0 };
  }
  const point = choosePoint(magnitude, lowest, bits, step);
  let inexact = 0;
  const values = mantissas.map((mantissa, row) => {
    const shift = exponents[row]! + point;
    if (shift >= 0) return mantissa << BigInt(shift);
    const nearest = (mantissa + (1n << BigInt(-shift - 1))) >> BigInt(-shift);
    if (nearest << BigInt(-shift) !== mantissa) inexact++;
    return nearest;
  });
  return { values, point, inexact };
}

/** x = mantissa·2^exponent, an odd multiple of 2^lowest unless it is 0. */
interface Parts {
  mantissa(row: number): bigint;
  exponent(row: number): number;
  lowest(row: number): number;
}

function partsOf(column: ColumnData): Parts {
  const { kind, values } = column;
  if (kind === 'text') throw new TypeError('only numbers are multiplied');
  if (kind === 'real') {
    return {
      mantissa: (row) => BigInt(doubleParts(values[row]!).mantissa),
      exponent: (row) => doubleParts(values[row]!).exponent,
      lowest: (row) => lowestBit(values[row]!),
    };
  }
  return { mantissa: (row) => BigInt(values[row]!), exponent: () => 0, lowest: () => 0 };
}

/** The least b with |value| < 2^b. */
export function bitLength(value: number): number {
  const { mantissa, exponent } = doubleParts(value);
  return exponent + mantissa.toString(2).length - (mantissa < 0 ? 1 : 0);
}
