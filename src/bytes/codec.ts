import { OpalineError } from '../errors/opaline-error.ts';

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** From here on, buffers are handed over rather than copied and left for the garbage collector. */
const LARGE = 1 << 16;

/**
 * Append-only little-endian writer of the canonical encoding: fixed widths, length-prefixed runs. It ends with
 * `finish`: nothing is written after that.
 */
export class Writer {
  private buffer: Uint8Array<ArrayBuffer>;
  private view: DataView;
  private at = 0;

  constructor(capacity = 256) {
    this.buffer = new Uint8Array(capacity);
    this.view = new DataView(this.buffer.buffer);
  }

  private grow(bytes: number): number {
    const start = this.at;
    const end = start + bytes;
    if (end > this.buffer.length) this.resize(Math.max(end, this.buffer.length * 2));
    this.at = end;
    return start;
  }

  /** The buffer left behind is freed at once: a collection may be megabytes of them away. */
  private resize(bytes: number): void {
    this.buffer = new Uint8Array(this.buffer.buffer.transfer(bytes));
    this.view = new DataView(this.buffer.buffer);
  }

  u8(value: number): this {
    const at = this.grow(1);
    this.view.setUint8(at, value);
    return this;
  }

  u16(value: number): this {
    const at = this.grow(2);
    this.view.setUint16(at, value, true);
    return this;
  }

  u32(value: number): this {
    const at = this.grow(4);
    this.view.setUint32(at, value, true);
    return this;
  }

  /** A safe non-negative integer in 8 bytes. */
  u64(value: number): this {
    const at = this.grow(8);
    this.view.setBigUint64(at, BigInt(value), true);
    return this;
  }

  /** A u32 in 1 to 5 bytes, small ones short (LEB128). */
  varint(value: number): this {
    let rest = value >>> 0;
    for (; rest > 0x7f; rest >>>= 7) this.u8((rest & 0x7f) | 0x80);
    return this.u8(rest);
  }

  /** Bytes as they are: the reader must know how many. */
  raw(bytes: Uint8Array): this {
    const at = this.grow(bytes.length);
    this.buffer.set(bytes, at);
    return this;
  }

  /** Those from `first` on, one by one: of a short array a view costs more, as a buffer is made for it first. */
  rawFrom(bytes: Uint8Array, first: number): this {
    const at = this.grow(bytes.length - first);
    for (let i = first; i < bytes.length; i++) this.buffer[at + i - first] = bytes[i]!;
    return this;
  }

  /** A u32 length, then the bytes. */
  bytes(bytes: Uint8Array): this {
    return this.u32(bytes.length).raw(bytes);
  }

  text(value: string): this {
    return this.bytes(new TextEncoder().encode(value));
  }

  /** A u32 count, then words, little-endian. */
  words(words: Uint32Array): this {
    return this.u32(words.length).raw(wordBytes(words));
  }

  finish(): Uint8Array {
    if (this.at < LARGE) return this.buffer.slice(0, this.at);
    if (this.at < this.buffer.length) this.resize(this.at);
    return this.buffer;
  }
}

/**
 * Reader of the same encoding over bytes from outside. Every read is checked against what is left,
 * so a count can never make it allocate more than the input's own size.
 * @throws BYTES_INVALID naming `what`.
 */
export class Reader {
  private readonly view: DataView;
  private readonly data: Uint8Array;
  private readonly what: string;
  private at = 0;

  constructor(data: Uint8Array, what: string) {
    this.data = data;
    this.view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    this.what = what;
  }

  fail(reason: string): never {
    throw new OpalineError('BYTES_INVALID', { what: this.what, reason });
  }

  get offset(): number {
    return this.at;
  }

  get remaining(): number {
    return this.data.length - this.at;
  }

  private take(bytes: number): number {
    if (bytes > this.remaining) this.fail('truncated');
    const start = this.at;
    this.at += bytes;
    return start;
  }

  u8(): number {
    return this.view.getUint8(this.take(1));
  }

  u16(): number {
    return this.view.getUint16(this.take(2), true);
  }

  u32(): number {
    return this.view.getUint32(this.take(4), true);
  }

  u64(): number {
    const value = this.view.getBigUint64(this.take(8), true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) this.fail('a number is too large');
    return Number(value);
  }

  varint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.u8();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value > 0xffffffff ? this.fail('a number is too large') : value;
    }
    return this.fail('a number is too large');
  }

  /** A view, not a copy. */
  raw(length: number): Uint8Array {
    const start = this.take(length);
    return this.data.subarray(start, start + length);
  }

  bytes(limit = 0xffffffff): Uint8Array {
    const length = this.u32();
    if (length > limit) this.fail('a field is longer than allowed');
    return this.raw(length);
  }

  text(limit = 65_536): string {
    try {
      return UTF8.decode(this.bytes(limit));
    } catch (error) {
      if (error instanceof OpalineError) throw error;
      return this.fail('text is not UTF-8');
    }
  }

  /** A count that cannot exceed what is left, given the least bytes one element takes. */
  count(bytesEach: number, limit = 0xffffffff): number {
    const count = this.u32();
    if (count > limit || count * bytesEach > this.remaining) this.fail('a count is too large');
    return count;
  }

  words(limit = 0xffffffff): Uint32Array {
    return wordsOf(this.raw(4 * this.count(4, limit)));
  }

  magic(expected: string): void {
    for (let i = 0; i < expected.length; i++) {
      if (this.remaining === 0 || this.u8() !== expected.charCodeAt(i)) this.fail('wrong magic');
    }
  }

  end(): void {
    if (this.remaining !== 0) this.fail('trailing bytes');
  }
}

const LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/** Words as little-endian bytes: a view where the machine is little-endian, else a copy. */
export function wordBytes(words: Uint32Array): Uint8Array {
  if (LITTLE_ENDIAN) return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
  const out = new Uint8Array(words.length * 4);
  const view = new DataView(out.buffer);
  words.forEach((word, i) => view.setUint32(4 * i, word, true));
  return out;
}

/** Little-endian bytes (a multiple of 4) as words; always a copy, so alignment does not matter. */
export function wordsOf(bytes: Uint8Array): Uint32Array {
  if (LITTLE_ENDIAN) return new Uint32Array(new Uint8Array(bytes).buffer);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint32Array.from({ length: bytes.length / 4 }, (_, i) => view.getUint32(4 * i, true));
}

const ENCODER = new TextEncoder();

export function utf8(text: string): Uint8Array {
  return ENCODER.encode(text);
}
