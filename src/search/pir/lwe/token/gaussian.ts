import { wordsOf } from '../../../../bytes/codec.ts';
import { ERROR_VARIANCE } from '../parameters.ts';

/**
 * Samples of the discrete Gaussian by inversion of its distribution function, 90 bits precise: the
 * distribution is within 2^-79 of the exact one in statistical distance. `bytes/discrete-gaussian.ts`
 * samples exactly and is several hundred times slower, which at thousands of samples a query counts.
 *
 * Every sample takes the same nine steps without a branch on what was drawn.
 */
const LIMB = 30;
const PRECISION = 3n * BigInt(LIMB);
/** A power of two above the magnitudes that have a probability of at least 2^-90. */
const TABLE = 512;
/** Words drawn for a sample: three of 30 bits, and one for the sign. */
const DRAW = 4;
/** Bits after the point in which the table is computed. */
const WORK = 200n;
const UNIT = 1n << WORK;

/** P(|e| > k) in three limbs of 30 bits each, the most significant first, for k < 512; descending. */
let tails: readonly [Int32Array, Int32Array, Int32Array] | undefined;

/**
 * Integers in proportion to exp(−e²/(2σ²)), as words modulo 2^32. `random` gives uniform bytes.
 */
export function gaussianWords(count: number, random: (length: number) => Uint8Array): Uint32Array {
  tails ??= tailTable();
  const [high, middle, low] = tails;
  const drawn = wordsOf(random(4 * DRAW * count));
  const out = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    const a = drawn[DRAW * i]! >>> 2;
    const b = drawn[DRAW * i + 1]! >>> 2;
    const c = drawn[DRAW * i + 2]! >>> 2;
    let magnitude = 0;
    // How many tails are above what was drawn: a borrow out of the highest limb says that one is.
    for (let step = TABLE / 2; step > 0; step >>>= 1) {
      const at = magnitude + step - 1;
      const borrow = (b - middle[at]! + ((c - low[at]!) >> 31)) >> 31;
      magnitude += step & ((a - high[at]! + borrow) >> 31);
    }
    const sign = -(drawn[DRAW * i + 3]! & 1);
    out[i] = (magnitude ^ sign) - sign;
  }
  drawn.fill(0);
  return out;
}

/** P(|e| = k)·2^90, rounded down to an even number but for k = 0; see `parameters.ts`, step 1. */
export function magnitudeWeights(): bigint[] {
  const { numerator, denominator } = ERROR_VARIANCE;
  // exp(−k²/(2σ²)) = r^(k²) with r = exp(−1/(2σ²)), by r^((k+1)²) = r^(k²)·r^(2k+1).
  const r = exponential((-UNIT * denominator) / (2n * numerator));
  const square = times(r, r);
  const densities: bigint[] = [];
  for (let k = 0, density = UNIT, step = r; k < TABLE; k++) {
    densities.push(density);
    density = times(density, step);
    step = times(step, square);
  }
  const sum = densities.reduce((total, density, k) => total + (k === 0 ? 1n : 2n) * density, 0n);
  const weights = densities.map((density, k) =>
    // What is left out of WORK bits is far below one unit of PRECISION, which is taken off for it.
    k === 0 ? 0n : 2n * lessOne((density << PRECISION) / sum),
  );
  weights[0] = (1n << PRECISION) - weights.reduce((total, weight) => total + weight, 0n);
  return weights;
}

function tailTable(): readonly [Int32Array, Int32Array, Int32Array] {
  const table = [0, 1, 2].map(() => new Int32Array(TABLE)) as [Int32Array, Int32Array, Int32Array];
  let tail = 1n << PRECISION;
  for (const [k, weight] of magnitudeWeights().entries()) {
    tail -= weight;
    table.forEach((limbs, i) => {
      limbs[k] = Number((tail >> BigInt(LIMB * (2 - i))) & ((1n << BigInt(LIMB)) - 1n));
    });
  }
  return table;
}

const lessOne = (value: bigint): bigint => (value > 0n ? value - 1n : 0n);

const times = (a: bigint, b: bigint): bigint => (a * b) >> WORK;

/** exp(x) for −1 < x ≤ 0 by its series, all in units of 2^-200. */
function exponential(x: bigint): bigint {
  let sum = 0n;
  let term = UNIT;
  for (let k = 1n; term !== 0n; k++) {
    sum += term;
    term = (term * x) / UNIT / k;
  }
  return sum;
}
