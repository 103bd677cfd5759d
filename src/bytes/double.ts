/** A finite double as mantissa · 2^exponent (IEEE 754, binary64); exponent ≥ −1074. */
export interface DoubleParts {
  /** A whole number below 2^53 in magnitude, with the sign. */
  readonly mantissa: number;
  readonly exponent: number;
}

const FLOAT = new Float64Array(1);
const WORDS = new Uint32Array(FLOAT.buffer);
const LITTLE = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;
const [LOW, HIGH] = LITTLE ? [0, 1] : [1, 0];

/** The exact parts of a finite double. */
export function doubleParts(value: number): DoubleParts {
  FLOAT[0] = value;
  const high = WORDS[HIGH]!;
  const raw = (high >>> 20) & 0x7ff;
  const fraction = (high & 0xf_ffff) * 2 ** 32 + WORDS[LOW]!;
  const magnitude = raw === 0 ? fraction : fraction + 2 ** 52;
  return {
    mantissa: high >>> 31 === 1 ? -magnitude : magnitude,
    exponent: Math.max(1, raw) - 1075,
  };
}

/** The exponent of the lowest bit that is set: a double is an odd multiple of 2^lowestBit. Not for 0. */
export function lowestBit(value: number): number {
  const { mantissa, exponent } = doubleParts(value);
  const size = Math.abs(mantissa);
  const low = size % 2 ** 32;
  const word = low === 0 ? Math.floor(size / 2 ** 32) : low;
  return exponent + (low === 0 ? 32 : 0) + 31 - Math.clz32(word & -word);
}

/** The next double above a finite one. */
export function nextUp(value: number): number {
  if (value === 0) return Number.MIN_VALUE;
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  bits.setBigInt64(0, bits.getBigInt64(0) + (value > 0 ? 1n : -1n));
  return bits.getFloat64(0);
}
