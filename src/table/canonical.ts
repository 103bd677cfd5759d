import { toHex } from '../bytes/hex.ts';
import { OpalineError } from '../errors/opaline-error.ts';
import type { ColumnType, Value } from './value.ts';

/**
 * Canonical bytes: the one byte string of a value, used as a search keyword and compared for ranges.
 * Within a type, byte order (lexicographic, unsigned) is value order.
 *
 * | types                                         | bytes                                             |
 * | --------------------------------------------- | ------------------------------------------------- |
 * | integer, decimal (scaled), boolean, date, timestamp | header, then the magnitude, big-endian, shortest |
 * | real                                          | 8 bytes: IEEE 754, sign bit flipped; negative numbers complemented; −0 is 0 |
 * | text, document                                | UTF-8, whose byte order is code point order       |
 *
 * The header of an integer v ≥ 0 with a magnitude of L bytes is 0x80 + L for L ≤ 126 (0 has none),
 * else 0xff and L as 4 bytes, big-endian. Negative v is the bitwise complement of the bytes of −v. The
 * encoding is prefix-free, hence complementing it reverses the order.
 *
 * NULL has no canonical bytes: it is a keyword of its own kind.
 */
const ZERO_HEADER = 0x80;
const SHORT_LIMIT = 0x7e;
const LONG_HEADER = 0xff;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The bytes of a value of a column type. Integers may be given as safe numbers, as batches hold them.
 * Throws INTERNAL where value and type do not fit: values are checked where they enter.
 */
export function canonicalBytes(value: NonNullable<Value>, type: ColumnType): Uint8Array {
  switch (type) {
    case 'text':
    case 'document':
      if (typeof value !== 'string' || !value.isWellFormed()) throw misfit(type);
      return encoder.encode(value);
    case 'real':
      if (typeof value !== 'number' || !Number.isFinite(value)) throw misfit(type);
      return realBytes(value);
    case 'integer':
    case 'decimal':
    case 'boolean':
    case 'date':
    case 'timestamp':
      if (typeof value === 'bigint') return integerBytes(value);
      if (!Number.isSafeInteger(value)) throw misfit(type);
      return safeIntegerBytes(Number(value));
  }
}

/** The value of canonical bytes. Throws BYTES_INVALID for bytes that no value of the type has. */
export function decodeCanonical(bytes: Uint8Array, type: ColumnType): NonNullable<Value> {
  switch (type) {
    case 'text':
    case 'document':
      try {
        return decoder.decode(bytes);
      } catch {
        throw invalid('not UTF-8');
      }
    case 'real':
      return realFrom(bytes);
    case 'integer':
    case 'decimal':
    case 'boolean':
    case 'date':
    case 'timestamp':
      return integerFrom(bytes);
  }
}

function integerBytes(value: bigint): Uint8Array {
  if (value === 0n) return Uint8Array.of(ZERO_HEADER);
  const negative = value < 0n;
  let rest = negative ? -value : value;
  const length = (rest.toString(16).length + 1) >>> 1;
  const header = length <= SHORT_LIMIT ? 1 : 5;
  const out = new Uint8Array(header + length);
  if (header === 1) {
    out[0] = ZERO_HEADER + length;
  } else {
    out[0] = LONG_HEADER;
    new DataView(out.buffer).setUint32(1, length);
  }
  for (let i = out.length - 1; i >= header; i--) {
    out[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return negative ? complement(out) : out;
}

/** As `integerBytes`, without a BigInt: an index holds one for each distinct value. */
function safeIntegerBytes(value: number): Uint8Array {
  let rest = Math.abs(value);
  let length = 0;
  for (let size = rest; size >= 1; size /= 256) length++;
  const out = new Uint8Array(1 + length);
  out[0] = ZERO_HEADER + length;
  for (let i = length; i > 0; i--) {
    out[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return value < 0 ? complement(out) : out;
}

function integerFrom(bytes: Uint8Array): bigint {
  const first = bytes[0];
  if (first === undefined) throw invalid('empty');
  if (first === ZERO_HEADER && bytes.length === 1) return 0n;
  const negative = first < ZERO_HEADER;
  const plain = negative ? complement(bytes) : bytes;
  const header = plain[0] === LONG_HEADER ? 5 : 1;
  if (plain.length <= header) throw invalid('truncated');
  const length =
    header === 1
      ? plain[0]! - ZERO_HEADER
      : new DataView(plain.buffer, plain.byteOffset).getUint32(1);
  const long = length > SHORT_LIMIT;
  if (plain.length - header !== length || long !== (header === 5) || plain[header] === 0) {
    throw invalid('not the shortest form of an integer');
  }
  // Through hexadecimal, which a BigInt reads in linear time.
  const magnitude = BigInt(`0x${toHex(plain.subarray(header))}`);
  return negative ? -magnitude : magnitude;
}

function realBytes(value: number): Uint8Array {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setFloat64(0, value === 0 ? 0 : value);
  if ((out[0]! & 0x80) !== 0) return complement(out);
  out[0]! |= 0x80;
  return out;
}

function realFrom(bytes: Uint8Array): number {
  if (bytes.length !== 8) throw invalid('a real has 8 bytes');
  const positive = (bytes[0]! & 0x80) !== 0;
  const plain = positive ? Uint8Array.from(bytes) : complement(bytes);
  if (positive) plain[0]! &= 0x7f;
  const value = new DataView(plain.buffer).getFloat64(0);
  if (!Number.isFinite(value) || Object.is(value, -0)) throw invalid('not a finite real');
  return value;
}

function complement(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length);
  for (let i = 0; i < out.length; i++) out[i] = ~bytes[i]!;
  return out;
}

function misfit(type: ColumnType): OpalineError {
  return new OpalineError('INTERNAL', { reason: `a value that is not a ${type}` });
}

function invalid(reason: string): OpalineError {
  return new OpalineError('BYTES_INVALID', { what: 'canonical value', reason });
}
