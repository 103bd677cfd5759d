import { randomBytes } from '../../../bytes/random.ts';
import { type FloodBudget, floodReal } from '../../../gate/flood.ts';
import { advantageOverMode } from '../../attacks/recovery.ts';
import type { AblationSide } from '../result.ts';
import { ApproximateScheme, type Released } from '../schemes/peers/approximate-scheme.ts';
import { type AblationRun, bothSides } from './ablation.ts';

/** Of what is decrypted. */
const LARGEST = 100;
/** Of a fresh ciphertext no coefficient's error is larger: SEAL's is a centred binomial of 21, and rounding adds a half. */
const COEFFICIENT_ERROR = 22;
/** The least that Li, Micciancio, Schultz and Sorrell (CRYPTO 2022) have an attacker's share of the work at. */
const BITS = 30;
/** Of a residue that is named at random: primes have 27 bits. */
const CHANCE = 2 ** -27;

/**
 * What of an approximate decryption (CKKS) may be released: as it is, or flooded (gate/flood.ts). The gain is what the
 * attack of Li and Micciancio gets of the secret from two releases (attacks/key-recovery.ts); the cost is time and, far more,
 * precision.
 */
export const floodingAblation: AblationRun = async (tools) => {
  using scheme = await ApproximateScheme.create();
  const { slots, scale } = scheme;
  const values = Float64Array.from({ length: slots }, (_, i) => LARGEST * Math.sin(i));
  // n coefficients make a slot.
  const bound = (COEFFICIENT_ERROR * 2 * slots) / scale;
  const budget: FloodBudget = { queries: 2 * slots, bits: BITS };
  using first = scheme.encrypt(values);
  using second = scheme.encrypt(values);
  const bare = (from = first): Float64Array => scheme.decrypt(from);
  const flooded = (from = first): Float64Array =>
    bare(from).map((value) => floodReal(value, bound, budget, randomBytes).value);
  const secret = scheme.secretResidues();
  const side = (ms: readonly number[], release: typeof bare): AblationSide => {
    const known: [Released, Released] = [
      { ciphertext: first, decrypted: release(first) },
      { ciphertext: second, decrypted: release(second) },
    ];
    const found = scheme.recover(known);
    const right = found.filter((residue, i) => residue === secret[i]).length;
    const off = known[0].decrypted.map((value, i) => Math.abs(value - values[i]!));
    return {
      ms,
      bytesAtRest: null,
      advantage: Math.max(0, advantageOverMode(right / secret.length, CHANCE)),
      error: Math.max(...off) / LARGEST,
    };
  };
  const [having, lacking] = await bothSides(
    tools,
    () => Promise.resolve(flooded()),
    () => Promise.resolve(bare()),
  );
  return [
    {
      workload: 'approximate-release',
      what: `${slots} approximate decryptions flooded before they are released (CKKS, ${BITS} bits), against recovery of the key`,
      kind: 'privacy',
      with: side(having, flooded),
      without: side(lacking, bare),
    },
  ];
};
