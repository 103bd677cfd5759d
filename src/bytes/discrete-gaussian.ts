/**
 * Exact samplers in integer arithmetic: no floating point, whose rounding would tell neighbouring
 * inputs apart (Mironov, CCS 2012). After Canonne, Kamath and Steinke, "The discrete Gaussian for
 * differential privacy", NeurIPS 2020, algorithms 1 to 3. They run in variable time.
 */
import { OpalineError } from '../errors/opaline-error.ts';
import { integerSqrt } from './integer-sqrt.ts';

/** Fills bytes with randomness: `randomBytes` of bytes/random.ts outside tests. */
export type RandomBytes = (length: number) => Uint8Array;

/** numerator / denominator, both positive but for a numerator of 0. */
export interface Ratio {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/**
 * An integer X with probability in proportion to exp(−X²/(2σ²)), for a rational variance σ².
 *
 * @throws PARAMETERS_INVALID unless σ² > 0
 */
export function discreteGaussian(variance: Ratio, random: RandomBytes): bigint {
  const { numerator: a, denominator: b } = variance;
  if (a <= 0n || b <= 0n) throw invalid('a variance must be positive');
  const scale = integerSqrt(a / b) + 1n;
  for (;;) {
    const y = discreteLaplace({ numerator: scale, denominator: 1n }, random);
    // (|y| − σ²/t)² / (2σ²) with t the scale, over the common denominator 2·a·b·t².
    const off = (y < 0n ? -y : y) * b * scale - a;
    const gamma = { numerator: off * off, denominator: 2n * a * b * scale * scale };
    if (bernoulliExp(gamma, random)) return y;
  }
}

/**
 * An integer X with probability in proportion to exp(−|X|/scale), for a rational scale.
 *
 * @throws PARAMETERS_INVALID unless the scale is positive
 */
export function discreteLaplace(
  { numerator: t, denominator: s }: Ratio,
  random: RandomBytes,
): bigint {
  if (t <= 0n || s <= 0n) throw invalid('a scale must be positive');
  for (;;) {
    const u = uniformBelow(t, random);
    if (!bernoulliExp({ numerator: u, denominator: t }, random)) continue;
    let v = 0n;
    while (bernoulliExp(ONE, random)) v++;
    const y = (u + t * v) / s;
    const negative = uniformBelow(2n, random) === 1n;
    // Zero must not be twice as likely.
    if (negative && y === 0n) continue;
    return negative ? -y : y;
  }
}

/** An integer in [0, bound), each as likely: rejection, no bias. @throws PARAMETERS_INVALID below 1 */
export function uniformBelow(bound: bigint, random: RandomBytes): bigint {
  if (bound < 1n) throw invalid('a bound must be at least 1');
  const bits = (bound - 1n).toString(2).length;
  const length = Math.ceil(bits / 8);
  const excess = BigInt(8 * length - bits);
  for (;;) {
    let drawn = 0n;
    for (const byte of random(length)) drawn = (drawn << 8n) | BigInt(byte);
    drawn >>= excess;
    if (drawn < bound) return drawn;
  }
}

const ONE: Ratio = { numerator: 1n, denominator: 1n };

/** True with probability exp(−γ), γ ≥ 0. */
function bernoulliExp({ numerator, denominator }: Ratio, random: RandomBytes): boolean {
  let left = numerator;
  for (; left > denominator; left -= denominator) {
    if (!bernoulliExpUpToOne(ONE, random)) return false;
  }
  return bernoulliExpUpToOne({ numerator: left, denominator }, random);
}

/** The same for γ ≤ 1: the first k at which a coin of γ/k fails is odd with probability exp(−γ). */
function bernoulliExpUpToOne({ numerator, denominator }: Ratio, random: RandomBytes): boolean {
  for (let k = 1n; ; k++) {
    if (uniformBelow(denominator * k, random) >= numerator) return k % 2n === 1n;
  }
}

function invalid(reason: string): OpalineError<'PARAMETERS_INVALID'> {
  return new OpalineError('PARAMETERS_INVALID', { reason });
}
