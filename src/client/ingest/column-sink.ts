import { detachedText, utf8Length } from '../../bytes/utf8-text.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { Column } from '../../table/schema.ts';
import { formatValue, parseCompact } from '../../table/value-text.ts';
import type { ColumnData, ColumnType } from '../../table/value.ts';
import { MAX_FIELD_BYTES } from './reading.ts';

/**
 * Collects the cells of one column of a batch. All checks of a cell are here, once for every reader:
 * its type, the declared range, NULL and the size of text. `line` is where the cell stands in the input.
 */
export interface ColumnSink {
  /** A cell as text. Throws VALUE_INVALID, VALUE_OUT_OF_RANGE, FIELD_TOO_LARGE. */
  text(text: string, line: number): void;
  /** A cell as the column holds it: integers scaled, compact; a finite number; a string. Same errors. */
  value(value: number | bigint | string, line: number): void;
  /** Throws NULL_NOT_ALLOWED. */
  null(line: number): void;
  /** The cells so far; the sink starts over. */
  take(): ColumnData;
}

export function columnSink(column: Column, capacity: number): ColumnSink {
  switch (column.type) {
    case 'integer':
    case 'decimal':
    case 'boolean':
    case 'date':
    case 'timestamp':
      return new IntegerSink(column, capacity);
    case 'real':
      return new RealSink(column, capacity);
    case 'text':
    case 'document':
      return new TextSink(column, capacity);
  }
}

/** VALUE_INVALID for a cell of the column; the cell itself is not repeated. */
export function invalidValue(column: Column, line: number): OpalineError {
  const expected =
    column.type === 'decimal'
      ? `a decimal number of at most ${column.scale} places`
      : EXPECTED[column.type];
  return new OpalineError('VALUE_INVALID', { line, column: column.name, expected });
}

const EXPECTED: Readonly<Record<Exclude<ColumnType, 'decimal'>, string>> = {
  integer: 'an integer',
  real: 'a finite number',
  boolean: 'true or false',
  date: 'a date, YYYY-MM-DD',
  timestamp: 'a timestamp, YYYY-MM-DD HH:MM:SS',
  text: 'well-formed text',
  document: 'well-formed text',
};

class IntegerSink implements ColumnSink {
  private readonly column: Column;
  private readonly capacity: number;
  private readonly low: number;
  private readonly high: number;
  private values: Float64Array;
  private bigs: bigint[] | undefined;
  private valid: Uint8Array;
  private count = 0;

  constructor(column: Column, capacity: number) {
    this.column = column;
    this.capacity = capacity;
    // Ends past 2^53 round, but never across a safe integer, and other cells are compared as bigints.
    this.low = Number(column.range?.[0] ?? -Infinity);
    this.high = Number(column.range?.[1] ?? Infinity);
    this.values = new Float64Array(capacity);
    this.valid = new Uint8Array(capacity);
  }

  text(text: string, line: number): void {
    const value = parseCompact(text, this.column);
    if (value === undefined) throw invalidValue(this.column, line);
    this.value(value, line);
  }

  value(value: number | bigint | string, line: number): void {
    if (typeof value === 'number') {
      if (!Number.isSafeInteger(value)) throw invalidValue(this.column, line);
      if (value < this.low || value > this.high) throw this.outOfRange(line);
      this.values[this.count] = value;
      this.bigs?.push(BigInt(value));
    } else if (typeof value === 'bigint') {
      const { range } = this.column;
      if (range !== undefined && (value < range[0] || value > range[1])) {
        throw this.outOfRange(line);
      }
      this.bigs ??= Array.from(this.values.subarray(0, this.count), BigInt);
      this.bigs.push(value);
    } else {
      throw invalidValue(this.column, line);
    }
    this.valid[this.count++] = 1;
  }

  null(line: number): void {
    refuseNull(this.column, line);
    this.values[this.count++] = 0;
    this.bigs?.push(0n);
  }

  take(): ColumnData {
    const { values, bigs, valid, count, capacity } = this;
    this.values = new Float64Array(capacity);
    this.valid = new Uint8Array(capacity);
    this.bigs = undefined;
    this.count = 0;
    return bigs === undefined
      ? { kind: 'int', values: cut(values, count), valid: cut(valid, count) }
      : { kind: 'big', values: bigs, valid: cut(valid, count) };
  }

  private outOfRange(line: number): OpalineError {
    const range = this.column.range!.map((end) => formatValue(end, this.column)).join(' to ');
    return new OpalineError('VALUE_OUT_OF_RANGE', { line, column: this.column.name, range });
  }
}

class RealSink implements ColumnSink {
  private readonly column: Column;
  private readonly capacity: number;
  private values: Float64Array;
  private valid: Uint8Array;
  private count = 0;

  constructor(column: Column, capacity: number) {
    this.column = column;
    this.capacity = capacity;
    this.values = new Float64Array(capacity);
    this.valid = new Uint8Array(capacity);
  }

  text(text: string, line: number): void {
    const value = parseCompact(text, this.column);
    if (value === undefined) throw invalidValue(this.column, line);
    this.value(value, line);
  }

  value(value: number | bigint | string, line: number): void {
    if (typeof value !== 'number' || !Number.isFinite(value)) throw invalidValue(this.column, line);
    this.values[this.count] = value === 0 ? 0 : value;
    this.valid[this.count++] = 1;
  }

  null(line: number): void {
    refuseNull(this.column, line);
    this.values[this.count++] = 0;
  }

  take(): ColumnData {
    const { values, valid, count, capacity } = this;
    this.values = new Float64Array(capacity);
    this.valid = new Uint8Array(capacity);
    this.count = 0;
    return { kind: 'real', values: cut(values, count), valid: cut(valid, count) };
  }
}

class TextSink implements ColumnSink {
  private readonly column: Column;
  private readonly capacity: number;
  private readonly seen = new Map<string, string>();
  private values: string[] = [];
  private valid: Uint8Array;

  constructor(column: Column, capacity: number) {
    this.column = column;
    this.capacity = capacity;
    this.valid = new Uint8Array(capacity);
  }

  text(text: string, line: number): void {
    const known = this.seen.get(text);
    if (known === undefined) this.check(text, line);
    this.valid[this.values.length] = 1;
    this.values.push(known ?? this.keep(text));
  }

  value(value: number | bigint | string, line: number): void {
    this.text(String(value), line);
  }

  null(line: number): void {
    refuseNull(this.column, line);
    this.values.push('');
  }

  take(): ColumnData {
    const { values, valid, capacity } = this;
    this.values = [];
    this.valid = new Uint8Array(capacity);
    return { kind: 'text', values, valid: cut(valid, values.length) };
  }

  private check(text: string, line: number): void {
    if (!text.isWellFormed()) throw invalidValue(this.column, line);
    // A UTF-16 unit takes at most 3 bytes.
    if (text.length * 3 <= MAX_FIELD_BYTES) return;
    const bytes = utf8Length(text);
    if (bytes <= MAX_FIELD_BYTES) return;
    const { name } = this.column;
    throw new OpalineError('FIELD_TOO_LARGE', {
      line,
      column: name,
      bytes,
      limit: MAX_FIELD_BYTES,
    });
  }

  /** Equal cells share one string, cut loose from the block of input that V8 lets a substring pin. */
  private keep(text: string): string {
    if (text.length > LONGEST_SHARED) return detachedText(text);
    if (this.seen.size >= MOST_SHARED) this.seen.clear();
    const own = text.length < SHORTEST_SLICE ? text : detachedText(text);
    this.seen.set(own, own);
    return own;
  }
}

const MOST_SHARED = 4096;
const LONGEST_SHARED = 256;
/** V8 copies shorter substrings (SlicedString::kMinLength). */
const SHORTEST_SLICE = 13;

function refuseNull(column: Column, line: number): void {
  if (!column.nullable) throw new OpalineError('NULL_NOT_ALLOWED', { line, column: column.name });
}

function cut<T extends Float64Array | Uint8Array>(values: T, count: number): T {
  return (count === values.length ? values : values.slice(0, count)) as T;
}
