import type { RealEngine } from '../../engine/engine.ts';
import { encodeWireColumn } from '../../table/column-part.ts';
import { type Schema, scoredColumns } from '../../table/schema.ts';
import { ALL_ZERO, type RealMeta } from '../../table/segment-meta.ts';
import type { Batch, ColumnData } from '../../table/value.ts';
import { bitLength } from './fixed-point.ts';

/**
 * The ciphertext columns of a segment's scored columns, numbered from `first` on: one each, n/2 rows a
 * chunk, values divided by the power of two above the largest. NULL is 0.
 */
export function encryptReals(
  schema: Schema,
  rows: Batch,
  engine: RealEngine | undefined,
  first: number,
): { meta: { reals?: readonly RealMeta[] }; columns: Uint8Array[] } {
  if (engine === undefined) return { meta: {}, columns: [] };
  const { n, dataPrimes } = engine.parameters;
  const columns: Uint8Array[] = [];
  const reals = scoredColumns(schema).map((column): RealMeta => {
    const { values, exponent } = normalised(rows.columns[column]!);
    const chunks = [];
    for (let from = 0; from < values.length; from += n / 2) {
      chunks.push(engine.encrypt(values.subarray(from, from + n / 2)));
    }
    columns.push(encodeWireColumn({ n, primes: dataPrimes }, chunks));
    return { column, first: first + columns.length - 1, exponent };
  });
  return { meta: { reals }, columns };
}

/** value·2^-exponent, the largest in [1/2, 1]; whole numbers beyond 53 bits to the nearest double. */
export function normalised(column: ColumnData): { values: Float64Array; exponent: number } {
  const { kind, values } = column;
  if (kind === 'text') throw new TypeError('only numbers are scored');
  if (kind === 'big') return normalisedWhole(values);
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  if (most === 0) return { values, exponent: ALL_ZERO };
  const exponent = bitLength(most);
  // In two steps, since 2^-exponent itself may be no double.
  const half = Math.trunc(-exponent / 2);
  const [a, b] = [2 ** half, 2 ** (-exponent - half)];
  return { values: values.map((value) => value * a * b), exponent };
}

function normalisedWhole(values: readonly bigint[]): { values: Float64Array; exponent: number } {
  let most = 0n;
  for (const value of values) {
    const size = value < 0n ? -value : value;
    if (size > most) most = size;
  }
  if (most === 0n) return { values: new Float64Array(values.length), exponent: ALL_ZERO };
  const exponent = most.toString(2).length;
  const shift = Math.max(0, exponent - 60);
  const unit = 2 ** (shift - exponent);
  const scaled = Float64Array.from(values, (value) => Number(value >> BigInt(shift)) * unit);
  return { values: scaled, exponent };
}
