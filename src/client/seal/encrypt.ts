import type { ColumnEncryptor, SeededCiphertext, WholeCiphertext } from '../../engine/engine.ts';
import { splitColumn, splitValue, type SplitPlan } from '../../params/packing.ts';
import { encodeWholeColumn, encodeWireColumn } from '../../table/column-part.ts';

/** The uploaded parts of a column: one per limb of the split, n rows a chunk. */
export function encryptColumns(
  engine: ColumnEncryptor,
  values: Float64Array | readonly bigint[],
  plan: SplitPlan,
): Uint8Array[] {
  return splitLimbs(values, plan).map((limb) => encryptLimb(engine, limb));
}

/** The uploaded part of one limb of a column. */
export function encryptLimb(
  engine: ColumnEncryptor,
  limb: Float64Array | readonly bigint[],
): Uint8Array {
  const { n, dataPrimes } = engine.parameters;
  const seeded: SeededCiphertext[] = [];
  const whole: WholeCiphertext[] = [];
  for (let from = 0; from < limb.length; from += n) {
    const chunk = engine.encrypt(
      limb instanceof Float64Array ? limb.subarray(from, from + n) : limb.slice(from, from + n),
    );
    if ('seed' in chunk) seeded.push(chunk);
    else whole.push(chunk);
  }
  const shape = { n, primes: dataPrimes };
  return whole.length > 0 ? encodeWholeColumn(shape, whole) : encodeWireColumn(shape, seeded);
}

export function splitLimbs(
  values: Float64Array | readonly bigint[],
  plan: SplitPlan,
): (Float64Array | bigint[])[] {
  if (values instanceof Float64Array) return splitColumn(values, plan);
  const digits = values.map((value) => splitValue(value, plan));
  return Array.from({ length: plan.count }, (_, limb) => digits.map((of) => of[limb]!));
}
