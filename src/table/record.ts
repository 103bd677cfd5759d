import { Reader } from '../bytes/codec.ts';
import { OpalineError } from '../errors/opaline-error.ts';
import type { Column } from './schema.ts';
import type { ColumnData, Value } from './value.ts';

/**
 * One row as bytes: a bitmap of NULLs, then each present cell. Whole numbers are zigzag LEB128,
 * reals 8 bytes little-endian, text a LEB128 length and UTF-8. The schema tells how to read it.
 */
const ENCODER = new TextEncoder();
const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** Text of fewer UTF-16 units has a length of one byte. */
const SHORT_TEXT = 64;

/** Encodes rows of columnar data into one growing scratch buffer. */
export class RecordEncoder {
  private scratch = new Uint8Array(1024);
  private at = 0;
  private readonly columns: readonly ColumnData[];

  constructor(columns: readonly ColumnData[]) {
    this.columns = columns;
  }

  /** Row `row` as bytes; the view is valid until the next call. */
  encode(row: number): Uint8Array {
    const bitmap = (this.columns.length + 7) >>> 3;
    this.at = 0;
    this.reserve(bitmap);
    this.scratch.fill(0, 0, bitmap);
    this.at = bitmap;
    for (let c = 0; c < this.columns.length; c++) {
      const column = this.columns[c]!;
      if (column.valid[row] === 0) this.scratch[c >>> 3]! |= 1 << (c & 7);
      else this.cell(column, row);
    }
    return this.scratch.subarray(0, this.at);
  }

  private cell(column: ColumnData, row: number): void {
    switch (column.kind) {
      case 'int': {
        const value = column.values[row]!;
        const coded = value >= 0 ? value * 2 : value * -2 - 1;
        if (Number.isSafeInteger(coded)) this.leb(coded);
        else this.bigLeb(zigzag(BigInt(value)));
        return;
      }
      case 'big':
        this.bigLeb(zigzag(column.values[row]!));
        return;
      case 'real':
        this.reserve(8);
        new DataView(this.scratch.buffer).setFloat64(this.at, column.values[row]!, true);
        this.at += 8;
        return;
      case 'text': {
        const text = column.values[row]!;
        // UTF-8 takes at most 3 bytes per UTF-16 unit.
        this.reserve(text.length * 3 + 10);
        if (text.length < SHORT_TEXT && this.shortAscii(text)) return;
        const start = this.at;
        const { written } = ENCODER.encodeInto(text, this.scratch.subarray(start + 10));
        this.leb(written);
        this.scratch.copyWithin(this.at, start + 10, start + 10 + written);
        this.at += written;
        return;
      }
      default:
        column satisfies never;
    }
  }

  /** Character by character, which beats a call out of JavaScript; false, and nothing done, unless ASCII. */
  private shortAscii(text: string): boolean {
    const { scratch, at } = this;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit > 0x7f) return false;
      scratch[at + 1 + i] = unit;
    }
    scratch[at] = text.length;
    this.at = at + 1 + text.length;
    return true;
  }

  private leb(coded: number): void {
    this.reserve(10);
    let rest = coded;
    // Bitwise operators are fast, and exact below 2^31.
    for (; rest >= 2 ** 31; rest = Math.floor(rest / 128)) {
      this.scratch[this.at++] = (rest % 128) | 0x80;
    }
    for (; rest >= 0x80; rest >>>= 7) this.scratch[this.at++] = (rest & 0x7f) | 0x80;
    this.scratch[this.at++] = rest;
  }

  private bigLeb(coded: bigint): void {
    let rest = coded;
    this.reserve(Math.ceil((coded.toString(16).length * 4) / 7) + 2);
    while (rest >= 0x80n) {
      this.scratch[this.at++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.scratch[this.at++] = Number(rest);
  }

  private reserve(bytes: number): void {
    if (this.at + bytes <= this.scratch.length) return;
    const next = new Uint8Array(Math.max(this.at + bytes, this.scratch.length * 2));
    next.set(this.scratch);
    this.scratch = next;
  }
}

function zigzag(value: bigint): bigint {
  return value >= 0n ? value << 1n : (-value << 1n) - 1n;
}

/** @throws BYTES_INVALID when the record does not fit the schema. */
export function decodeRecord(record: Uint8Array, columns: readonly Column[]): Value[] {
  const reader = new Reader(record, 'a record');
  const bitmap = reader.raw((columns.length + 7) >>> 3);
  const row = columns.map((column, c) =>
    ((bitmap[c >>> 3]! >>> (c & 7)) & 1) === 1 ? null : decodeCell(reader, column),
  );
  reader.end();
  return row;
}

function decodeCell(reader: Reader, column: Column): Value {
  switch (column.type) {
    case 'text':
    case 'document': {
      const length = Number(readLeb(reader));
      try {
        return DECODER.decode(reader.raw(length));
      } catch (error) {
        if (error instanceof OpalineError) throw error;
        return reader.fail('text is not UTF-8');
      }
    }
    case 'real': {
      const bytes = reader.raw(8);
      return new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0, true);
    }
    case 'integer':
    case 'decimal':
    case 'boolean':
    case 'date':
    case 'timestamp': {
      const coded = readLeb(reader);
      return (coded & 1n) === 0n ? coded >> 1n : -((coded + 1n) >> 1n);
    }
    default:
      return column.type satisfies never;
  }
}

/** LEB128 of any length. Past 49 bits through binary digits, which a BigInt reads in linear time. */
function readLeb(reader: Reader): bigint {
  const groups: number[] = [];
  for (let byte = 0x80; byte >= 0x80;) {
    byte = reader.u8();
    groups.push(byte & 0x7f);
  }
  if (groups.length <= 7) return BigInt(groups.reduceRight((sum, group) => sum * 128 + group, 0));
  const digits = groups.map((group) => group.toString(2).padStart(7, '0'));
  return BigInt(`0b${digits.reverse().join('')}`);
}
