import type { ProductEngine, SecretEngine } from '../../engine/engine.ts';
import { splitColumn, splitValue, type SplitPlan } from '../../params/packing.ts';
import { encodeWireColumn } from '../../table/column-part.ts';

/** The uploaded parts of a column: one per limb of the split, n rows a chunk. */
export function encryptColumns(
  engine: SecretEngine | ProductEngine,
  values: Float64Array | readonly bigint[],
  plan: SplitPlan,
): Uint8Array[] {
  const { n, dataPrimes } = engine.parameters;
  return splitLimbs(values, plan).map((limb) => {
    const chunks = [];
    for (let from = 0; from < limb.length; from += n) {
      chunks.push(
        engine.encrypt(
          limb instanceof Float64Array ? limb.subarray(from, from + n) : limb.slice(from, from + n),
        ),
      );
    }
    return encodeWireColumn({ n, primes: dataPrimes }, chunks);
  });
}

function splitLimbs(
  values: Float64Array | readonly bigint[],
  plan: SplitPlan,
): (Float64Array | bigint[])[] {
  if (values instanceof Float64Array) return splitColumn(values, plan);
  const digits = values.map((value) => splitValue(value, plan));
  return Array.from({ length: plan.count }, (_, limb) => digits.map((of) => of[limb]!));
}
