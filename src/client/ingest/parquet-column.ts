import { isUtf8 } from 'node:buffer';
import type { DecodedArray, ParquetParsers, SchemaElement } from 'hyparquet';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { Column } from '../../table/schema.ts';
import { compact, formatValue } from '../../table/value-text.ts';
import type { ColumnType } from '../../table/value.ts';
import { invalidValue, type ColumnSink } from './column-sink.ts';

/** What a Parquet column holds, in our types. */
export interface ParquetColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly scale: number;
  /** Floats of single precision. */
  readonly single: boolean;
  /** The schema element that makes hyparquet decode it as `parsers` here expect. */
  readonly element: SchemaElement;
}

const FIRST_DAY = -719_162;
const LAST_DAY = 2_932_896;
const FIRST_MICRO = BigInt(FIRST_DAY) * 86_400_000_000n;
const LAST_MICRO = BigInt(LAST_DAY + 1) * 86_400_000_000n - 1n;

/**
 * Decoders that hyparquet calls once for each dictionary entry, or each value where there is no
 * dictionary. Integers come out compact, decimals as exact scaled integers (hyparquet's own are
 * doubles); NaN marks what has no value in our types.
 */
export const parsers: Partial<ParquetParsers> = {
  timestampFromMilliseconds: (millis: bigint) => compact(millis * 1000n),
  timestampFromMicroseconds: compact,
  timestampFromNanoseconds: (nanos: bigint) =>
    nanos % 1000n === 0n ? compact(nanos / 1000n) : Number.NaN,
  stringFromBytes: textOf,
  jsonFromBytes: (bytes: Uint8Array) => compact(twosComplement(bytes)),
};

/**
 * The column of a leaf of the file's schema. Throws INPUT_MALFORMED for nested columns and for types
 * without a counterpart: TIME, INTERVAL, BSON, VARIANT, geometry, and bytes that are not text.
 */
export function parquetColumn(element: SchemaElement): ParquetColumn {
  const { name, type } = element;
  const nested = type === undefined || element.repetition_type === 'REPEATED';
  const form = nested ? undefined : formOf(element);
  if (form === undefined) {
    const what = nested ? 'nested columns' : `columns of the type ${kindOf(element) ?? type}`;
    const reason = `${what} are not supported`;
    throw new OpalineError('INPUT_MALFORMED', { line: 0, reason, column: name });
  }
  const [ours, annotation] = form;
  const plain: SchemaElement = { ...element, ...annotation };
  if (annotation.converted_type === undefined) delete plain.converted_type;
  if (annotation.logical_type === undefined) delete plain.logical_type;
  return {
    name,
    type: ours,
    scale: ours === 'decimal' ? scaleOf(element) : 0,
    single: type === 'FLOAT',
    element: plain,
  };
}

type Form = readonly [ColumnType, Pick<SchemaElement, 'converted_type' | 'logical_type'>];

/** Our type, and the annotation under which hyparquet decodes the values by the right one of `parsers`. */
function formOf(element: SchemaElement): Form | undefined {
  const { type, logical_type: logical } = element;
  const kind = kindOf(element);
  switch (type) {
    case 'BOOLEAN':
      return ['boolean', {}];
    case 'FLOAT':
    case 'DOUBLE':
      return ['real', {}];
    case 'INT32':
      if (kind === 'DATE') return ['date', {}];
      if (kind === 'DECIMAL') return ['decimal', {}];
      if (!INTEGER_KINDS.includes(kind)) return undefined;
      return ['integer', unsigned(element) ? { converted_type: 'UINT_32' } : {}];
    case 'INT64':
      if (logical?.type === 'TIMESTAMP') return ['timestamp', { logical_type: logical }];
      if (kind === 'TIMESTAMP_MILLIS') return ['timestamp', { converted_type: kind }];
      if (kind === 'TIMESTAMP_MICROS') return ['timestamp', COMPACT];
      if (kind === 'DECIMAL') return ['decimal', COMPACT];
      if (!INTEGER_KINDS.includes(kind)) return undefined;
      return ['integer', unsigned(element) ? { converted_type: 'UINT_64' } : COMPACT];
    case 'INT96':
      return ['timestamp', {}];
    case 'BYTE_ARRAY':
    case 'FIXED_LEN_BYTE_ARRAY':
      if (kind === 'DECIMAL') return ['decimal', { converted_type: 'JSON' }];
      if (logical?.type === 'FLOAT16') return ['real', { logical_type: logical }];
      if (logical?.type === 'UUID') return ['text', { logical_type: logical }];
      if (type === 'BYTE_ARRAY' && TEXT_KINDS.includes(kind)) {
        return ['text', { converted_type: 'UTF8' }];
      }
      return undefined;
    case undefined:
      return undefined;
  }
}

function kindOf({
  converted_type: converted,
  logical_type: logical,
}: SchemaElement): string | undefined {
  return logical?.type ?? converted;
}

/** The parser of microseconds is `compact`: 64-bit integers become numbers once a dictionary entry. */
const COMPACT = { converted_type: 'TIMESTAMP_MICROS' } as const;
const INTEGER_KINDS: readonly unknown[] = [
  undefined,
  'INTEGER',
  ...[8, 16, 32, 64].flatMap((bits) => [`INT_${bits}`, `UINT_${bits}`]),
];
const TEXT_KINDS: readonly unknown[] = [undefined, 'UTF8', 'STRING', 'ENUM', 'JSON'];

/** Puts cells [from, to) of a decoded run into the column of a table; `line` is that of cell `from`. */
export function putCells(
  sink: ColumnSink,
  target: Column,
  source: ParquetColumn,
  cells: DecodedArray,
  from: number,
  to: number,
  line: number,
): void {
  const direct = sameForm(source, target);
  for (let i = from; i < to; i++, line++) {
    const cell: unknown = cells[i];
    if (cell === undefined || cell === null) sink.null(line);
    else if (direct) sink.value(directValue(source, target, cell, line), line);
    else sink.text(cellText(source, target, cell, line), line);
  }
}

/** A cell as text, for inference; undefined for NULL and for floats that are not finite. */
export function guessText(source: ParquetColumn, cell: unknown): string | undefined {
  if (typeof cell === 'string') return cell;
  if (typeof cell === 'bigint') return formatValue(cell, source);
  if (typeof cell !== 'number' || !Number.isFinite(cell)) return undefined;
  return source.type === 'real' ? floatText(source, cell) : formatValue(BigInt(cell), source);
}

/** The shortest decimal that reads back as the float: of single precision, where the column is. */
function floatText(source: ParquetColumn, value: number): string {
  if (!source.single) return String(value);
  for (let digits = 1; digits < 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return String(Number(text));
  }
  return String(Number(value.toPrecision(9)));
}

function sameForm(source: ParquetColumn, target: Column): boolean {
  const textual = target.type === 'text' || target.type === 'document';
  if (source.type === 'text') return textual;
  const type = source.type === 'decimal' && source.scale === 0 ? 'integer' : source.type;
  const wanted = target.type === 'decimal' && target.scale === 0 ? 'integer' : target.type;
  return type === wanted && source.scale === target.scale && !source.single;
}

function directValue(
  source: ParquetColumn,
  target: Column,
  cell: unknown,
  line: number,
): number | bigint | string {
  if (typeof cell === 'boolean') return Number(cell);
  const value = cell as number | bigint | string;
  // A timestamp that is a number is within 285 years of 1970; NaN is left to the sink.
  if (typeof value === 'bigint') {
    const outside = value < FIRST_MICRO || value > LAST_MICRO;
    if (source.type === 'timestamp' && outside) throw invalidValue(target, line);
    return compact(value);
  }
  if (
    source.type === 'date' &&
    !((value as number) >= FIRST_DAY && (value as number) <= LAST_DAY)
  ) {
    throw invalidValue(target, line);
  }
  return value;
}

function cellText(source: ParquetColumn, target: Column, cell: unknown, line: number): string {
  const value = directValue(source, target, cell, line);
  if (typeof value === 'string') return value;
  if (source.type === 'real') return floatText(source, value as number);
  if (Number.isNaN(value)) throw invalidValue(target, line);
  return formatValue(BigInt(value), source);
}

function scaleOf({ scale, logical_type: logical }: SchemaElement): number {
  return logical?.type === 'DECIMAL' ? logical.scale : (scale ?? 0);
}

function unsigned({ converted_type: converted, logical_type: logical }: SchemaElement): boolean {
  if (logical?.type === 'INTEGER') return !logical.isSigned;
  return converted?.startsWith('UINT_') === true;
}

function textOf(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!isUtf8(buffer)) throw new RangeError('not UTF-8');
  return buffer.toString();
}

function twosComplement(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return BigInt.asIntN(bytes.length * 8, value);
}
