import type { SchemaElement } from 'hyparquet';
import { parseFloat16 } from 'hyparquet/src/convert.js';
import { toHex } from '../../bytes/hex.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { compact } from '../../table/value-text.ts';
import type { ColumnType } from '../../table/value.ts';

/** A leaf of a Parquet schema in our types. */
export interface ParquetColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly scale: number;
  readonly element: SchemaElement;
  /** Makes a value of the physical type one of ours; absent where they are the same. NaN: none of ours. */
  readonly decode?: Decode;
}

/** A cell: an integer (scaled, compact), a finite or other double, a string. */
export type ParquetValue = number | bigint | string;

type Decode = (value: never) => ParquetValue;
type Form = readonly [ColumnType, Decode?];

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
  const [ours, decode] = form;
  const scale = ours === 'decimal' ? scaleOf(element) : 0;
  return { name, type: ours, scale, element, ...(decode === undefined ? {} : { decode }) };
}

function formOf(element: SchemaElement): Form | undefined {
  const kind = kindOf(element);
  switch (element.type) {
    case 'BOOLEAN':
      return ['boolean', Number];
    case 'FLOAT':
      return ['real', shortestSingle];
    case 'DOUBLE':
      return ['real'];
    case 'INT32':
      if (kind === 'DATE') return ['date'];
      if (kind === 'DECIMAL') return ['decimal'];
      if (!INTEGER_KINDS.includes(kind)) return undefined;
      return unsigned(element) ? ['integer', (value: number) => value >>> 0] : ['integer'];
    case 'INT64':
      if (kind === 'DECIMAL') return ['decimal', compact];
      if (kind?.startsWith('TIMESTAMP')) return ['timestamp', microsOf(element)];
      if (!INTEGER_KINDS.includes(kind)) return undefined;
      return ['integer', unsigned(element) ? unsignedLong : compact];
    case 'INT96':
      return ['timestamp', julian];
    case 'BYTE_ARRAY':
    case 'FIXED_LEN_BYTE_ARRAY':
      if (kind === 'DECIMAL') return ['decimal', twosComplement];
      if (kind === 'FLOAT16') return ['real', parseFloat16 as (bytes: Uint8Array) => number];
      if (kind === 'UUID') return ['text', uuid];
      if (element.type === 'BYTE_ARRAY' && TEXT_KINDS.includes(kind)) return ['text', textOf];
      return undefined;
    case undefined:
      return undefined;
  }
}

const INTEGER_KINDS: readonly unknown[] = [
  undefined,
  'INTEGER',
  ...[8, 16, 32, 64].flatMap((bits) => [`INT_${bits}`, `UINT_${bits}`]),
];
const TEXT_KINDS: readonly unknown[] = [undefined, 'UTF8', 'STRING', 'ENUM', 'JSON'];
const UNIX_EPOCH_JULIAN_DAY = 2_440_588n;
const MICROS_A_DAY = 86_400_000_000n;

function kindOf({
  converted_type: converted,
  logical_type: logical,
}: SchemaElement): string | undefined {
  return logical?.type ?? converted;
}

function scaleOf({ scale, logical_type: logical }: SchemaElement): number {
  return logical?.type === 'DECIMAL' ? logical.scale : (scale ?? 0);
}

function unsigned({ converted_type: converted, logical_type: logical }: SchemaElement): boolean {
  if (logical?.type === 'INTEGER') return !logical.isSigned;
  return converted?.startsWith('UINT_') === true;
}

function microsOf({ converted_type: converted, logical_type: logical }: SchemaElement): Decode {
  const unit = logical?.type === 'TIMESTAMP' ? logical.unit : converted?.slice('TIMESTAMP_'.length);
  if (unit === 'MILLIS') return (millis: bigint) => compact(millis * 1000n);
  return unit === 'NANOS' ? fromNanos : compact;
}

function fromNanos(nanos: bigint): ParquetValue {
  return nanos % 1000n === 0n ? compact(nanos / 1000n) : Number.NaN;
}

/** The old 12-byte timestamp: Julian day in the high 32 bits, nanoseconds of the day in the low 64. */
function julian(value: bigint): ParquetValue {
  const nanos = BigInt.asUintN(64, value);
  if (nanos % 1000n !== 0n) return Number.NaN;
  return compact(((value >> 64n) - UNIX_EPOCH_JULIAN_DAY) * MICROS_A_DAY + nanos / 1000n);
}

function unsignedLong(value: bigint): ParquetValue {
  return compact(BigInt.asUintN(64, value));
}

/** The double that prints as the single does: 0.1, not 0.10000000149011612. */
function shortestSingle(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === value) return candidate;
  }
  return Number(value.toPrecision(9));
}

function twosComplement(bytes: Uint8Array): ParquetValue {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return compact(BigInt.asIntN(bytes.length * 8, value));
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function textOf(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    throw new RangeError('not UTF-8');
  }
}

function uuid(bytes: Uint8Array): string {
  const hex = toHex(bytes);
  if (hex.length !== 32) throw new RangeError('a UUID has 16 bytes');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
