import {
  discreteGaussian,
  discreteLaplace,
  type RandomBytes,
  type Ratio,
} from '../../bytes/discrete-gaussian.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { MICRO } from './budget.ts';

/** Noise of a figure: a discrete Laplace distribution of a scale, or a discrete Gaussian of a variance. */
export type Noise =
  | { readonly kind: 'laplace'; readonly scale: Ratio }
  | { readonly kind: 'gaussian'; readonly variance: Ratio };

/**
 * The noise that makes an integer of this sensitivity ε-differentially private: discrete Laplace of scale Δ/ε (Canonne,
 * Kamath and Steinke, NeurIPS 2020, after Ghosh, Roughgarden and Sundararajan, STOC 2009).
 *
 * @param shares into how many equal parts ε is divided, of which this figure has one
 * @throws PARAMETERS_INVALID unless all are positive
 */
export function laplaceNoise(sensitivity: bigint, microEpsilon: number, shares: number): Noise {
  return {
    kind: 'laplace',
    scale: ratio(sensitivity * MICRO * BigInt(shares), BigInt(microEpsilon)),
  };
}

/**
 * The same for ρ-zCDP: discrete Gaussian of variance Δ²/(2ρ) (Canonne, Kamath and Steinke, theorem 4).
 * @throws PARAMETERS_INVALID
 */
export function gaussianNoise(sensitivity: bigint, microRho: number, shares: number): Noise {
  const numerator = sensitivity * sensitivity * MICRO * BigInt(shares);
  return { kind: 'gaussian', variance: ratio(numerator, 2n * BigInt(microRho)) };
}

/** A draw; exact, so that no rounding tells neighbours apart. Its time varies: what waits for it is padded. */
export function drawNoise(noise: Noise, random: RandomBytes): bigint {
  return noise.kind === 'laplace'
    ? discreteLaplace(noise.scale, random)
    : discreteGaussian(noise.variance, random);
}

/** Whence noise stays within ± this with a probability of at least 95 %. For people, not for proofs. */
export function usualError(noise: Noise): number {
  if (noise.kind === 'laplace') return Math.log(20) * quotient(noise.scale);
  return 1.96 * Math.sqrt(quotient(noise.variance));
}

/** A quotient of whole numbers of any size as a double. */
export function quotient({ numerator, denominator }: Ratio): number {
  const shift = Math.max(numerator.toString(2).length, denominator.toString(2).length) - 1000;
  if (shift <= 0) return Number(numerator) / Number(denominator);
  return Number(numerator >> BigInt(shift)) / Number(denominator >> BigInt(shift));
}

function ratio(numerator: bigint, denominator: bigint): Ratio {
  if (numerator > 0n && denominator > 0n) return { numerator, denominator };
  throw new OpalineError('PARAMETERS_INVALID', {
    reason: 'noise needs a sensitivity and a budget',
  });
}
