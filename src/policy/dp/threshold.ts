import { OpalineError } from '../../errors/opaline-error.ts';
import { type Noise, quotient } from './noise.ts';

/**
 * The least noisy number of subjects at which a group is shown, so that a group of one subject, which a neighbour does
 * not have, is shown with a probability of at most δ.
 *
 * Discrete Laplace of scale 1/ε: P(1 + X ≥ τ) = e^(−ε(τ−1)) / (1 + e^(−ε)), so that τ = 1 + ⌈ln(1/(δ(1 + e^(−ε))))/ε⌉.
 * Discrete Gaussian: P(X ≥ t) ≤ e^(−t²/(2σ²)) (Canonne, Kamath and Steinke, NeurIPS 2020, section 4), so that
 * τ = 1 + ⌈σ·√(2 ln(1/δ))⌉. Rounded up beyond what doubles lose.
 *
 * @param noise of the number of subjects, whose sensitivity is 1
 * @param delta of this group
 * @throws PARAMETERS_INVALID unless 0 < δ < 1
 */
export function groupThreshold(noise: Noise, delta: number): number {
  if (!(delta > 0 && delta < 1)) {
    throw new OpalineError('PARAMETERS_INVALID', { reason: 'groups need a δ between 0 and 1' });
  }
  if (noise.kind === 'gaussian') {
    return 1 + upwards(Math.sqrt(2 * quotient(noise.variance) * Math.log(1 / delta)));
  }
  const epsilon = 1 / quotient(noise.scale);
  return 1 + Math.max(0, upwards(Math.log(1 / (delta * (1 + Math.exp(-epsilon)))) / epsilon));
}

const upwards = (value: number): number => Math.ceil(value * (1 + 1e-12) + 1e-9);
