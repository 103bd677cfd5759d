import { BLOCK_BITS } from './format.ts';

/** Codes as two words each, low and high. */
export function codeWords(codes: readonly bigint[]): Uint32Array {
  const words = new Uint32Array(2 * codes.length);
  codes.forEach((code, i) => {
    words[2 * i] = Number(code & 0xffffffffn);
    words[2 * i + 1] = Number(code >> 32n);
  });
  return words;
}

/** The low word of a code without its last `bits` bits, 0 to 64. */
export function prefixLow(low: number, high: number, bits: number): number {
  if (bits === 0) return low;
  if (bits >= 64) return 0;
  if (bits >= 32) return high >>> (bits - 32);
  return ((low >>> bits) | (high << (32 - bits))) >>> 0;
}

/** The high word. */
export function prefixHigh(high: number, bits: number): number {
  return bits >= 32 ? 0 : high >>> bits;
}

/** The last block of a code without its last `bits` bits. */
export function blockOf(low: number, high: number, bits: number): number {
  return prefixLow(low, high, bits) & (2 ** BLOCK_BITS - 1);
}
