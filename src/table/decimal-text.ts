/** Decimal numbers as text: exact, in digits and a scale. */

/** The number digits / 10^scale, scale ≥ 0. */
export interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

/** Integer digits and decimal places together; a longer number is refused, so that 1e999999 costs nothing. */
export const MAX_DIGITS = 1000;

const NUMBER = /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d{1,5}))?$/;
const POWERS: readonly number[] = Array.from({ length: 16 }, (_, k) => 10 ** k);

/**
 * A number in plain or exponent form (`-12.50`, `.5`, `1.5e-3`), surrounding ASCII blanks allowed.
 * The scale is the number of places written, after the exponent is applied and at least 0.
 *
 * Undefined for anything else, and for more than 1000 digits.
 */
export function parseDecimal(text: string): Decimal | undefined {
  if (text.length > 2 * MAX_DIGITS) return undefined;
  const match = NUMBER.exec(trimBlanks(text));
  if (match === null) return undefined;
  const fraction = match[3] ?? match[4] ?? '';
  const all = (match[2] ?? '') + fraction;
  const scale = fraction.length - Number(match[5] ?? 0);
  const significant = all.replace(/^0+/, '');
  if (significant === '') return { digits: 0n, scale: Math.min(Math.max(scale, 0), MAX_DIGITS) };
  if (scale > MAX_DIGITS || significant.length - Math.min(scale, 0) > MAX_DIGITS) return undefined;
  const magnitude = BigInt(all) * (scale < 0 ? 10n ** BigInt(-scale) : 1n);
  return { digits: match[1] === '-' ? -magnitude : magnitude, scale: Math.max(scale, 0) };
}

/** digits of the number at another scale, or undefined where non-zero places would be lost. */
export function rescale({ digits, scale }: Decimal, to: number): bigint | undefined {
  if (scale <= to) return digits * 10n ** BigInt(to - scale);
  const divisor = 10n ** BigInt(scale - to);
  return digits % divisor === 0n ? digits / divisor : undefined;
}

/** A plain number of at most 15 digits, scaled; undefined where `parseDecimal` has to look. */
export function parseShortDecimal(text: string, scale: number): number | undefined {
  const end = text.length;
  if (end === 0 || end > 17) return undefined;
  let at = text.charCodeAt(0) === 45 /* - */ ? 1 : 0;
  const negative = at === 1;
  let value = 0;
  let digits = 0;
  let point = -1;
  for (; at < end; at++) {
    const c = text.charCodeAt(at) - 48;
    if (c >= 0 && c <= 9) {
      value = value * 10 + c;
      digits++;
    } else if (c === -2 /* . */ && point < 0 && digits > 0) {
      point = digits;
    } else {
      return undefined;
    }
  }
  const places = point < 0 ? 0 : digits - point;
  const pad = scale - places;
  if (digits === 0 || pad < 0 || digits + pad > 15) return undefined;
  value *= POWERS[pad]!;
  return negative && value !== 0 ? -value : value;
}

/** Exact text of digits / 10^scale without trailing zeros of the fraction or exponent. */
export function formatDecimal({ digits, scale }: Decimal): string {
  const negative = digits < 0n;
  const all = (negative ? -digits : digits).toString().padStart(scale + 1, '0');
  const whole = all.slice(0, all.length - scale);
  const fraction = all.slice(all.length - scale).replace(/0+$/, '');
  return `${negative ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/** The text without the ASCII blanks around it, as PostgreSQL reads every type but text. */
export function trimBlanks(text: string): string {
  const blank = (c: number): boolean => c === 32 || (c >= 9 && c <= 13);
  let from = 0;
  let to = text.length;
  while (from < to && blank(text.charCodeAt(from))) from++;
  while (to > from && blank(text.charCodeAt(to - 1))) to--;
  return from === 0 && to === text.length ? text : text.slice(from, to);
}
