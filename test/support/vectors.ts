import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Path of a file under test/vectors. */
export function vectorPath(name: string): string {
  return fileURLToPath(new URL(`../vectors/${name}`, import.meta.url));
}

export function vectorJson<T>(name: string): T {
  return JSON.parse(readFileSync(vectorPath(name), 'utf8')) as T;
}

/** A decimal string times 10^places, in plain notation without trailing zeros. */
export function shiftDecimal(text: string, places: number): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null) throw new Error(`not a plain decimal: ${text}`);
  const [, sign, whole = '', fraction = ''] = match;
  const digits = whole + fraction;
  const point = whole.length + places;
  const padded = point <= 0 ? '0'.repeat(1 - point) + digits : digits.padEnd(point, '0');
  const at = point <= 0 ? 1 : point;
  const integer = padded.slice(0, at).replace(/^0+(?=\d)/, '');
  const rest = padded.slice(at).replace(/0+$/, '');
  const value = rest === '' ? integer : `${integer}.${rest}`;
  return value === '0' ? '0' : sign + value;
}

/** log10 of the relative error of `actual` to a certified value: NIST's number of correct digits. */
export function correctDigits(actual: string, certified: string): number {
  const [a, c] = [fraction(actual), fraction(certified)];
  const difference = a.n * c.d - c.n * a.d;
  if (difference === 0n) return 99;
  if (c.n === 0n) return -log10(difference) + log10(a.d * c.d);
  return log10(c.n * a.d) - log10(difference);
}

function fraction(text: string): { n: bigint; d: bigint } {
  const match = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text.trim());
  if (match === null) throw new Error(`not a number: ${text}`);
  const [, sign, whole = '', places = '', exponent = '0'] = match;
  const n = BigInt(`${sign === '-' ? '-' : ''}${whole}${places}` || '0');
  const scale = places.length - Number(exponent);
  return scale >= 0 ? { n, d: 10n ** BigInt(scale) } : { n: n * 10n ** BigInt(-scale), d: 1n };
}

function log10(value: bigint): number {
  const digits = (value < 0n ? -value : value).toString();
  return digits.length - 1 + Math.log10(Number(`${digits[0]}.${digits.slice(1, 17)}`));
}
