/**
 * Exact finishing of what plaintext SQLite sums, written on its own so that it can disagree with
 * Opaline: integers only, printed to 30 significant digits, half to even.
 */
const DIGITS = 30;

/** num/den, printed. `den` must not be 0. */
export function fraction(num: bigint, den: bigint): string {
  if (den < 0n) return fraction(-num, -den);
  if (num < 0n) return `-${fraction(-num, den)}`;
  if (num === 0n) return '0';
  const places = DIGITS - magnitude(num, den);
  const [top, bottom] =
    places >= 0 ? [num * 10n ** BigInt(places), den] : [num, den * 10n ** BigInt(-places)];
  const twice = 2n * (top % bottom);
  let digits = top / bottom;
  if (twice > bottom || (twice === bottom && digits % 2n === 1n)) digits++;
  return plain(digits, places);
}

/** √(num/den), printed. The root of an integer that is no square is irrational, so no tie can occur. */
export function squareRoot(num: bigint, den: bigint): string {
  if (num === 0n) return '0';
  // √(num/den) = √(num·den)/den, with 40 more decimal places than are printed.
  const scale = 10n ** BigInt(DIGITS + 40);
  return fraction(integerRoot(num * den * scale * scale), den * scale);
}

/** Digits before the decimal point of num/den > 0; 0 or less when it is below 0.1. */
function magnitude(num: bigint, den: bigint): number {
  const guess = num.toString().length - den.toString().length;
  const power = 10n ** BigInt(Math.abs(guess));
  return (guess >= 0 ? num >= den * power : num * power >= den) ? guess + 1 : guess;
}

/** digits · 10^−places without exponent and without trailing zeros. */
function plain(digits: bigint, places: number): string {
  if (places <= 0) return (digits * 10n ** BigInt(-places)).toString();
  const text = digits.toString().padStart(places + 1, '0');
  return `${text.slice(0, -places)}.${text.slice(-places)}`.replace(/\.?0+$/, '');
}

/** ⌊√value⌋ by Newton's method from above. */
function integerRoot(value: bigint): bigint {
  let root = 1n << BigInt(Math.ceil(value.toString(2).length / 2));
  for (;;) {
    const next = (root + value / root) / 2n;
    if (next >= root) return root;
    root = next;
  }
}
