import { OpalineError } from '../../errors/index.ts';

/** An exact rational number: immutable, in lowest terms, the denominator positive. */
export class Rational {
  static readonly ZERO: Rational = new Rational(0n, 1n);
  static readonly ONE: Rational = new Rational(1n, 1n);

  readonly numerator: bigint;
  readonly denominator: bigint;

  private constructor(numerator: bigint, denominator: bigint) {
    this.numerator = numerator;
    this.denominator = denominator;
  }

  /** numerator / denominator. Throws DIVISION_BY_ZERO. */
  static of(numerator: bigint, denominator: bigint = 1n): Rational {
    if (denominator === 1n) return new Rational(numerator, 1n);
    if (denominator === 0n) throw new OpalineError('DIVISION_BY_ZERO', {});
    const sign = denominator < 0n ? -1n : 1n;
    const divisor = gcd(numerator, denominator) * sign;
    return new Rational(numerator / divisor, denominator / divisor);
  }

  /** digits / 10^scale; a negative scale multiplies. */
  static scaled(digits: bigint, scale: number): Rational {
    return scale <= 0
      ? new Rational(digits * 10n ** BigInt(-scale), 1n)
      : Rational.of(digits, 10n ** BigInt(scale));
  }

  /** digits / 2^places; a negative number of places multiplies. */
  static binary(digits: bigint, places: number): Rational {
    if (digits === 0n) return Rational.ZERO;
    if (places <= 0) return new Rational(digits << BigInt(-places), 1n);
    const twos = Math.min(places, trailingZeros(digits));
    return new Rational(digits >> BigInt(twos), 1n << BigInt(places - twos));
  }

  get sign(): -1 | 0 | 1 {
    return this.numerator === 0n ? 0 : this.numerator < 0n ? -1 : 1;
  }

  get isInteger(): boolean {
    return this.denominator === 1n;
  }

  plus(other: Rational): Rational {
    return Rational.of(
      this.numerator * other.denominator + other.numerator * this.denominator,
      this.denominator * other.denominator,
    );
  }

  minus(other: Rational): Rational {
    return this.plus(other.negated());
  }

  times(other: Rational): Rational {
    return Rational.of(this.numerator * other.numerator, this.denominator * other.denominator);
  }

  /** Throws DIVISION_BY_ZERO. */
  dividedBy(other: Rational): Rational {
    return Rational.of(this.numerator * other.denominator, this.denominator * other.numerator);
  }

  /** The remainder of truncated division, with the sign of `this`. Throws DIVISION_BY_ZERO. */
  modulo(other: Rational): Rational {
    const quotient = this.dividedBy(other);
    return this.minus(other.times(Rational.of(quotient.numerator / quotient.denominator)));
  }

  negated(): Rational {
    return new Rational(-this.numerator, this.denominator);
  }

  abs(): Rational {
    return this.numerator < 0n ? this.negated() : this;
  }

  compare(other: Rational): -1 | 0 | 1 {
    const left = this.numerator * other.denominator;
    const right = other.numerator * this.denominator;
    return left < right ? -1 : left > right ? 1 : 0;
  }

  equals(other: Rational): boolean {
    return this.numerator === other.numerator && this.denominator === other.denominator;
  }

  /** The largest integer not above. */
  floor(): bigint {
    const quotient = this.numerator / this.denominator;
    return this.numerator < 0n && !this.isInteger ? quotient - 1n : quotient;
  }

  /** The smallest integer not below. */
  ceil(): bigint {
    return -this.negated().floor();
  }

  /** The nearest multiple of 10^−places, ties away from zero: PostgreSQL's ROUND on numeric. */
  round(places: number): Rational {
    const scaled = this.abs().times(Rational.scaled(1n, -places));
    const twice = 2n * scaled.numerator + scaled.denominator;
    const nearest = Rational.scaled(twice / (2n * scaled.denominator), places);
    return this.numerator < 0n ? nearest.negated() : nearest;
  }

  /** digits and scale of a number that has so many decimal places or fewer. */
  scaledTo(scale: number): { digits: bigint; scale: number } {
    return { digits: (this.numerator * 10n ** BigInt(scale)) / this.denominator, scale };
  }

  /** The least s with this · 10^s an integer, or undefined where the decimal expansion never ends. */
  decimalPlaces(): number | undefined {
    let rest = this.denominator;
    let twos = 0;
    let fives = 0;
    for (; rest % 2n === 0n; rest /= 2n) twos++;
    for (; rest % 5n === 0n; rest /= 5n) fives++;
    return rest === 1n ? Math.max(twos, fives) : undefined;
  }
}

/** How often 2 divides a number that is not 0. */
function trailingZeros(value: bigint): number {
  let zeros = 0;
  while (BigInt.asUintN(1024, value >> BigInt(zeros)) === 0n) zeros += 1024;
  for (let step = 512; step >= 1; step /= 2) {
    if (BigInt.asUintN(step, value >> BigInt(zeros)) === 0n) zeros += step;
  }
  return zeros;
}

function gcd(a: bigint, b: bigint): bigint {
  let x = a < 0n ? -a : a;
  let y = b < 0n ? -b : b;
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}
