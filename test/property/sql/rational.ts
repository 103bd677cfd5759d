/** Exact numbers for the oracle: small, obvious and apart from src/plan/exact. */

/** numerator, denominator: in lowest terms, the denominator positive. */
export type Q = readonly [bigint, bigint];

export function q(n: bigint, d = 1n): Q {
  let [a, b] = [n < 0n ? -n : n, d < 0n ? -d : d];
  while (b > 0n) [a, b] = [b, a % b];
  const unit = d < 0n ? -a : a;
  return [n / unit, d / unit];
}
export const add = (a: Q, b: Q): Q => q(a[0] * b[1] + b[0] * a[1], a[1] * b[1]);
export const sub = (a: Q, b: Q): Q => q(a[0] * b[1] - b[0] * a[1], a[1] * b[1]);
export const mul = (a: Q, b: Q): Q => q(a[0] * b[0], a[1] * b[1]);
export const div = (a: Q, b: Q): Q => q(a[0] * b[1], a[1] * b[0]);
export const sign = (a: Q): number => (a[0] > 0n ? 1 : a[0] < 0n ? -1 : 0);

export function roundHalfAway(a: Q, digits: number): Q {
  const power = digits >= 0 ? q(10n ** BigInt(digits)) : q(1n, 10n ** BigInt(-digits));
  const scaled = mul(a, power);
  const half: Q = q(BigInt(sign(a)), 2n);
  const [n, d] = add(scaled, half);
  return div(q(n / d), power);
}

/** The square root, exact or to the nearest of 100 significant digits, by bisection on integers. */
export function root(a: Q): Q {
  const whole = floorRoot(a[0] * a[1]);
  if (whole * whole === a[0] * a[1]) return q(whole, a[1]);
  // √(n/d) = √(n·d) / d; widen until the digits are there, then round with what is left.
  let places = 100;
  while (floorRoot((a[0] * 10n ** BigInt(2 * places)) / a[1]).toString().length < 104) places += 20;
  const digits = floorRoot((a[0] * 10n ** BigInt(2 * places)) / a[1]);
  const drop = 10n ** BigInt(digits.toString().length - 100);
  const rounded = (digits / drop + (digits % drop >= drop / 2n ? 1n : 0n)) * drop;
  return q(rounded, 10n ** BigInt(places));
}

function floorRoot(n: bigint): bigint {
  let low = 0n;
  let high = 1n;
  while (high * high <= n) high *= 2n;
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (middle * middle <= n) low = middle;
    else high = middle;
  }
  return low;
}

/** By long division, digit after digit. */
export function numberText([n, d]: Q, inFull: boolean): string {
  if (d === 1n) return n.toString();
  const minus = n < 0n ? '-' : '';
  const magnitude = n < 0n ? -n : n;
  const whole = (magnitude / d).toString();
  const limit = inFull ? Infinity : 30;
  let rest = magnitude % d;
  let fraction = '';
  let significant = whole === '0' ? 0 : whole.length;
  while (rest > 0n && significant < limit) {
    rest *= 10n;
    const digit = rest / d;
    rest %= d;
    fraction += digit;
    if (significant > 0 || digit > 0n) significant++;
  }
  if (significant > 30 && !inFull)
    return longWhole(minus, whole, rest > 0n || /[1-9]/.test(fraction));
  let digits = BigInt(whole + fraction);
  if (2n * rest > d || (2n * rest === d && digits % 2n === 1n)) digits += 1n;
  const text = digits.toString().padStart(fraction.length + 1, '0');
  const point = text.length - fraction.length;
  const tail = text.slice(point).replace(/0+$/, '');
  if (point > 30 && !inFull) return longWhole(minus, text.slice(0, point), false);
  return minus + text.slice(0, point) + (tail === '' ? '' : `.${tail}`);
}

/** A number from 1e30 on: 30 digits and an exponent. */
function longWhole(minus: string, whole: string, more: boolean): string {
  const head = BigInt(whole.slice(0, 30));
  const tail = whole.slice(30);
  const half = `5${'0'.repeat(Math.max(0, tail.length - 1))}`;
  const above = tail > half || (tail === half && (more || head % 2n === 1n));
  const digits = (above ? head + 1n : head).toString();
  const exponent = whole.length - 1 + digits.length - 30;
  const fraction = digits.slice(1).replace(/0+$/, '');
  return `${minus}${digits[0]}${fraction === '' ? '' : `.${fraction}`}e+${exponent}`;
}
