import { fromBase64, toBase64 } from '../../bytes/base64.ts';
import { OpalineError } from '../../errors/opaline-error.ts';

/** Subjects have numbers below this: a set of all has 2 MB. */
export const MOST_NUMBERS: number = 1 << 24;

/** A set of whole numbers from 0 as a bitmap in base 64: number n is bit n & 7 of byte n >>> 3, no byte after the last. */
export function encodeNumbers(numbers: Iterable<number>): string {
  const all = [...numbers];
  const last = all.reduce((most, one) => Math.max(most, one), -1);
  const bytes = new Uint8Array((last + 8) >>> 3);
  for (const one of all) bytes[one >>> 3]! |= 1 << (one & 7);
  return toBase64(bytes);
}

/** The numbers of a set, ascending. @throws BYTES_INVALID */
export function decodeNumbers(text: string): number[] {
  const what = 'a set of subjects';
  const bytes = fromBase64(text, what);
  if (bytes.length > MOST_NUMBERS >>> 3) {
    throw new OpalineError('BYTES_INVALID', { what, reason: 'more subjects than there can be' });
  }
  const numbers: number[] = [];
  for (const [at, byte] of bytes.entries()) {
    for (let bit = 0; bit < 8; bit++) if (((byte >>> bit) & 1) === 1) numbers.push(at * 8 + bit);
  }
  return numbers;
}
