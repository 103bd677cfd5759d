import { OpalineError } from '../../errors/opaline-error.ts';
import type { RealParameters } from '../../params/parameters.ts';
import {
  cubicPhase,
  fewestRealLimbs,
  linearPhase,
  type PhaseBound,
  realNoise,
} from '../../params/real-noise.ts';
import { ofDouble, toDouble, toDoubleUp } from '../../plan/exact/number-text.ts';
import { Rational } from '../../plan/exact/rational.ts';
import type { SegmentScores } from '../../plan/fragment-scores.ts';
import type { ExactDecimal, ScorePlan } from '../../plan/physical.ts';
import { product, toResidues } from '../../ring/residues.ts';
import type { Schema } from '../../table/schema.ts';
import { ALL_ZERO, type SegmentMeta } from '../../table/segment-meta.ts';

/**
 * A plan in the numbers of one segment: the columns' powers of two are taken into the weights, and all
 * constants are whole numbers, as large as the modulus lets them be.
 */
export interface SegmentModel {
  readonly share: SegmentScores;
  readonly polynomials: 2 | 4;
  readonly phase: PhaseBound;
  /** Of the phase at full modulus: it stands for its value times 2^scaleBits. */
  readonly scaleBits: number;
  /** What the model's own numbers, rounded to doubles, add to the error. */
  readonly rounding: number;
}

/**
 * Σ W_j·x_j, or y³ + B2·y² + B1·y with y = κ·(z − middle) and κ³ the polynomial's leading coefficient: a
 * cubic that needs no factor of its own leaves more of the modulus to y.
 *
 * @throws CAPABILITY_MISSING where the segment has no such column
 */
export function segmentModel(
  plan: ScorePlan,
  schema: Schema,
  meta: SegmentMeta,
  parameters: RealParameters,
): SegmentModel {
  const factors = plan.terms.map((term) => factorOf(term, schema, meta));
  const columns = factors.map(({ column }) => column);
  const q = Rational.of(product(parameters.dataPrimes));
  const one = Rational.of(1n << BigInt(parameters.scaleBits));
  const share = (constants: readonly bigint[]): SegmentScores => ({
    columns,
    constants: Uint32Array.from(
      constants.flatMap((constant) => toResidues(constant, parameters.dataPrimes)),
    ),
  });
  if (plan.polynomial === undefined) {
    const largest = atLeastOne(sumOf(factors.map(({ weight }) => weight.abs())));
    // Half of what decrypts surely: the other half is for errors, and for SEAL, whose scale is below q.
    const bits = floorLog2(q.dividedBy(largest.times(one).times(FOUR)));
    const weights = factors.map(({ weight }) => nearest(weight, bits));
    return {
      share: share(weights),
      polynomials: 2,
      phase: linearPhase(parameters, weights, 0n),
      scaleBits: parameters.scaleBits + bits,
      rounding: 0,
    };
  }
  const { coefficients, middle } = plan.polynomial;
  const kappa = Math.cbrt(coefficients[3]);
  const b1 = ofDouble(coefficients[1] / kappa);
  const b2 = ofDouble(coefficients[2] / kappa ** 2);
  const times = ofDouble(kappa);
  const scaled = factors.map(({ weight }) => weight.times(times));
  const added = exact(plan.intercept).minus(ofDouble(middle)).times(times);
  const y = sumOf([...scaled, added].map((part) => part.abs()));
  const value = y.times(y.times(y.plus(b2.abs())).plus(b1.abs()));
  const room = q.dividedBy(atLeastOne(value).times(EIGHT));
  const bits = Math.floor(floorLog2(room) / 3);
  const weights = scaled.map((weight) => nearest(weight, bits - parameters.scaleBits));
  const [c, square, itself] = [nearest(added, bits), nearest(b2, bits), nearest(b1, 2 * bits)];
  return {
    share: share([...weights, c, square, itself]),
    polynomials: 4,
    phase: cubicPhase(linearPhase(parameters, weights, c), square, itself),
    scaleBits: 3 * bits,
    rounding: 2 ** -46 * toDoubleUp(atLeastOne(value)),
  };
}

/** Limbs in which every segment's reply decrypts. @throws NOISE_BOUND */
export function replyLimbs(models: readonly SegmentModel[], parameters: RealParameters): number {
  return Math.max(
    1,
    ...models.map(({ phase, polynomials }) => fewestRealLimbs(parameters, phase, polynomials)),
  );
}

/** What a decoded slot of a reply with so many limbs must be scaled by. */
export function replyScale(
  { scaleBits }: SegmentModel,
  limbs: number,
  { dataPrimes }: RealParameters,
): number {
  const dropped = Rational.of(product(dataPrimes.slice(limbs)));
  return toDouble(powerOfTwo(scaleBits).dividedBy(dropped));
}

/** How far a decoded slot can be from its value. */
export function replyError(model: SegmentModel, limbs: number, parameters: RealParameters): number {
  const { phase, polynomials, scaleBits, rounding } = model;
  const { error } = realNoise(parameters, phase, polynomials, limbs);
  const exactly = Rational.of(error.numerator, error.denominator);
  return toDoubleUp(exactly.dividedBy(powerOfTwo(scaleBits))) + rounding;
}

const FOUR = Rational.of(4n);
const EIGHT = Rational.of(8n);

function factorOf(
  { column: name, weight }: ScorePlan['terms'][number],
  schema: Schema,
  { reals = [] }: SegmentMeta,
): { column: number; weight: Rational } {
  const place = schema.columns.findIndex((column) => column.name === name);
  const stored = reals.find(({ column }) => column === place);
  if (stored === undefined) {
    throw new OpalineError('CAPABILITY_MISSING', {
      operation: 'a score of each row',
      column: `"${name}"`,
      needs: 'run opaline reindex with the table’s schema',
    });
  }
  const { first, exponent } = stored;
  // Whatever its weight.
  if (exponent === ALL_ZERO) return { column: first, weight: Rational.ZERO };
  const { scale } = schema.columns[place]!;
  const unit = powerOfTwo(exponent).times(Rational.scaled(1n, scale));
  return { column: first, weight: exact(weight).times(unit) };
}

export const exact = ({ digits, scale }: ExactDecimal): Rational => Rational.scaled(digits, scale);

const sumOf = (parts: readonly Rational[]): Rational =>
  parts.reduce((sum, part) => sum.plus(part), Rational.ZERO);
const atLeastOne = (value: Rational): Rational =>
  value.compare(Rational.ONE) < 0 ? Rational.ONE : value;
const powerOfTwo = (exponent: number): Rational => Rational.binary(1n, -exponent);
/** The whole number nearest to value·2^bits. */
const nearest = (value: Rational, bits: number): bigint =>
  value.times(powerOfTwo(bits)).round(0).numerator;

/** The largest e with 2^e ≤ value, of a positive value. */
function floorLog2(value: Rational): number {
  const guess = bitsOf(value.numerator) - bitsOf(value.denominator);
  return powerOfTwo(guess).compare(value) <= 0 ? guess : guess - 1;
}

const bitsOf = (value: bigint): number => value.toString(2).length;
