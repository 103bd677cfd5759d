import { randomBelow } from '../../bytes/random.ts';
import { OpalineError } from '../../errors/opaline-error.ts';

/** Sums of weights times numbers of values stay exact in doubles below this. */
const EXACT = 2 ** 53;
const WEIGHT_SUM = 2 ** 24;
const MAX_VALUES = 2 ** 21;

/** One access: replica `replica` of value `value`; a dummy where that is the number of values. */
export interface Access {
  readonly value: number;
  readonly replica: number;
}

/**
 * The distributions of Pancake (section 4) for n values of which value v is expected to be asked for with
 * probability π̂(v), over 2n replicas in all:
 *
 * - R(v) = ⌈π̂(v)·n⌉ replicas of each value, and dummies to make up 2n;
 * - a fake access is to a given replica of v with probability 1/n − π̂(v)/R(v), to a given dummy with 1/n;
 * - a real one, to any of v's replicas alike, has π̂(v)/R(v).
 *
 * Half of all accesses being fake (δ = 1/2), every replica is read with probability ½·π̂/R + ½·(1/n − π̂/R) = 1/(2n).
 *
 * Probabilities are whole weights over their sum W, so that all of this is exact: fakes are drawn with the weights
 * R(v)·W − w(v)·n of a value and W of a dummy, which add up to n·W.
 */
export class Smoothing {
  /** n. */
  readonly values: number;
  readonly replicas: Uint32Array;
  readonly dummies: number;
  private readonly realSums: Float64Array;
  private readonly fakeSums: Float64Array;
  private readonly weightSum: number;

  /** @throws INTERNAL for no weights, or for weights that are not positive whole numbers or whose sum is too large */
  constructor(weights: Uint32Array) {
    const n = weights.length;
    const sum = weights.reduce((total, weight) => total + weight, 0);
    if (n < 1 || n > MAX_VALUES || n * sum >= EXACT || weights.includes(0)) {
      throw new OpalineError('INTERNAL', { reason: 'weights that cannot be smoothed' });
    }
    this.values = n;
    this.weightSum = sum;
    this.replicas = weights.map((weight) => ceilDivide(weight * n, sum));
    this.dummies = 2 * n - this.replicas.reduce((total, count) => total + count, 0);
    this.realSums = new Float64Array(n);
    this.fakeSums = new Float64Array(n);
    let [real, fake] = [0, 0];
    for (let v = 0; v < n; v++) {
      real += weights[v]!;
      fake += this.replicas[v]! * sum - weights[v]! * n;
      this.realSums[v] = real;
      this.fakeSums[v] = fake;
    }
  }

  /** A value as it is expected to be asked for. */
  expected(): number {
    return firstAbove(this.realSums, randomBelow(this.weightSum));
  }

  /** Any replica of a value. */
  access(value: number): Access {
    return { value, replica: randomBelow(this.replicas[value]!) };
  }

  fake(): Access {
    const at = randomBelow(this.values * this.weightSum);
    const ofValues = this.fakeSums[this.values - 1]!;
    if (at >= ofValues) {
      return { value: this.values, replica: Math.floor((at - ofValues) / this.weightSum) };
    }
    return this.access(firstAbove(this.fakeSums, at));
  }
}

/** Positive weights of values as whole numbers whose sum is about 2^24: an estimate is no more exact than that. */
export function wholeWeights(weights: readonly number[], values: readonly number[]): Uint32Array {
  const sum = weights.reduce((total, weight, i) => total + weight * values[i]!, 0);
  if (!(sum > 0 && sum < Infinity) || weights.some((weight) => !(weight >= 0))) {
    throw new OpalineError('INTERNAL', { reason: 'weights of keywords are not positive numbers' });
  }
  return Uint32Array.from(weights, (weight) =>
    Math.max(1, Math.round((weight / sum) * WEIGHT_SUM)),
  );
}

/** ⌈a / b⌉ of whole numbers below 2^53. */
function ceilDivide(a: number, b: number): number {
  let quotient = Math.floor(a / b);
  while (quotient * b < a) quotient++;
  while ((quotient - 1) * b >= a) quotient--;
  return quotient;
}

/** The first i with sums[i] > at, of ascending sums. */
function firstAbove(sums: Float64Array, at: number): number {
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sums[middle]! > at) high = middle;
    else low = middle + 1;
  }
  return low;
}
