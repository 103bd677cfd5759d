import { Rational } from './rational.ts';
import { sqrt, SQRT_DIGITS } from './sqrt.ts';

/**
 * A number and an interval that surely holds the true one: low ≤ value ≤ high. Every operation is done
 * exactly on the value and outward on the ends, so that whatever is computed of sums that are known up to
 * a bound carries a bound of its own (Moore, Interval Analysis, 1966, chapter 2).
 */
export interface Interval {
  readonly value: Rational;
  readonly low: Rational;
  readonly high: Rational;
}

export function point(value: Rational): Interval {
  return { value, low: value, high: value };
}

export function within(value: Rational, error: Rational): Interval {
  if (error.sign === 0) return point(value);
  return { value, low: value.minus(error), high: value.plus(error) };
}

const isPoint = ({ low, high }: Interval): boolean => low === high;

export function plus(a: Interval, b: Interval): Interval {
  const value = a.value.plus(b.value);
  if (isPoint(a) && isPoint(b)) return point(value);
  return { value, low: a.low.plus(b.low), high: a.high.plus(b.high) };
}

export function negated({ value, low, high }: Interval): Interval {
  if (low === high) return point(value.negated());
  return { value: value.negated(), low: high.negated(), high: low.negated() };
}

export function minus(a: Interval, b: Interval): Interval {
  return plus(a, negated(b));
}

export function times(a: Interval, b: Interval): Interval {
  const value = a.value.times(b.value);
  if (isPoint(a) && isPoint(b)) return point(value);
  return hull(
    value,
    [a.low, a.high].flatMap((x) => [b.low, b.high].map((y) => x.times(y))),
  );
}

/**
 * Undefined where the divisor may be 0, unless it surely is: that throws DIVISION_BY_ZERO.
 */
export function dividedBy(a: Interval, b: Interval): Interval | undefined {
  if (isPoint(b)) {
    const value = a.value.dividedBy(b.value);
    return isPoint(a)
      ? point(value)
      : hull(value, [a.low.dividedBy(b.value), a.high.dividedBy(b.value)]);
  }
  if (b.low.sign <= 0 && b.high.sign >= 0) return undefined;
  return hull(
    a.value.dividedBy(b.value),
    [a.low, a.high].flatMap((x) => [b.low, b.high].map((y) => x.dividedBy(y))),
  );
}

/** The remainder of truncated division; undefined where its quotient is not sure. */
export function modulo(a: Interval, b: Interval): Interval | undefined {
  if (isPoint(a) && isPoint(b)) return point(a.value.modulo(b.value));
  const quotient = dividedBy(a, b);
  if (quotient === undefined) return undefined;
  const [low, high] = [truncated(quotient.low), truncated(quotient.high)];
  if (low !== high) return undefined;
  return minus(a, times(point(Rational.of(low)), b));
}

export function abs(a: Interval): Interval {
  if (a.low.sign >= 0) return a;
  if (a.high.sign <= 0) return negated(a);
  const most = a.low.negated().compare(a.high) > 0 ? a.low.negated() : a.high;
  return { value: a.value.abs(), low: Rational.ZERO, high: most };
}

/**
 * The square root of a number that is not negative, whatever its bounds: what lies below 0 in them is left
 * out. Throws INTERNAL where all does.
 */
export function root(a: Interval): Interval {
  if (isPoint(a)) {
    const value = sqrt(a.value);
    return value.times(value).equals(a.value) ? point(value) : around(value, value, value);
  }
  const low = notNegative(a.low);
  return around(sqrt(notNegative(a.value)), sqrt(low), sqrt(a.high));
}

/** Widened by more than the rounding of `sqrt`. */
function around(value: Rational, low: Rational, high: Rational): Interval {
  const slack = Rational.scaled(1n, SQRT_DIGITS - 2);
  return { value, low: low.minus(low.times(slack)), high: high.plus(high.times(slack)) };
}

/** Rounded to so many places, which keeps order. */
export function round({ value, low, high }: Interval, places: number): Interval {
  if (low === high) return point(value.round(places));
  return { value: value.round(places), low: low.round(places), high: high.round(places) };
}

/** The order that the true numbers surely have; undefined where the bounds do not tell. */
export function compare(a: Interval, b: Interval): -1 | 0 | 1 | undefined {
  if (isPoint(a) && isPoint(b)) return a.value.compare(b.value);
  if (a.high.compare(b.low) < 0) return -1;
  return a.low.compare(b.high) > 0 ? 1 : undefined;
}

function hull(value: Rational, ends: readonly Rational[]): Interval {
  const [first, ...rest] = ends;
  let [low, high] = [first!, first!];
  for (const end of rest) {
    if (end.compare(low) < 0) low = end;
    if (end.compare(high) > 0) high = end;
  }
  return { value, low, high };
}

const notNegative = (value: Rational): Rational => (value.sign < 0 ? Rational.ZERO : value);
const truncated = ({ numerator, denominator }: Rational): bigint => numerator / denominator;
