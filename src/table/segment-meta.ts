import { Reader, Writer } from '../bytes/codec.ts';
import { type CheckColumns, readCheckColumns, writeCheckColumns } from './check-columns.ts';
import { type FixedPoint, readFixedPoint, writeFixedPoint } from './fixed-point.ts';
import { type GroupColumns, readGroupColumns, writeGroupColumns } from './group-columns.ts';

/**
 * What the vault must know of a segment and the store must not: which ciphertext column is what,
 * the bounds the proofs use, and per column its NULLs, dictionary and rank boundaries. Sealed.
 */
export interface SegmentMeta {
  readonly products: readonly ProductMeta[];
  /** Columns that the store can multiply; their ciphertext columns are of the preset `product`. */
  readonly factors: readonly FactorMeta[];
  readonly columns: readonly ColumnMeta[];
  /** Of the columns that are grouped by privately; absent where there are none. */
  readonly groups?: readonly GroupColumns[];
  /** Columns that rows are scored by; their ciphertext columns are of the preset `real`. Absent where there are none. */
  readonly reals?: readonly RealMeta[];
  /** A sealed section of row codes (row-codes.ts) for every column follows those of the dictionaries. */
  readonly rowCodes?: boolean;
  /** Of the manifest's further indexes, in their order; absent where there are none. */
  readonly rungs?: readonly RungMeta[];
  /** What sums and row sets of the segment are verified by; absent where the schema asks for none. */
  readonly checks?: CheckColumns;
}

/** Which column an index is of. */
export interface RungMeta {
  /** Schema index. */
  readonly column: number;
  /** The rung's name (search-index.ts). */
  readonly index: string;
}

/** The ciphertext column of x·2^-exponent, none of its values above 1. */
export interface RealMeta {
  /** Schema index. */
  readonly column: number;
  readonly first: number;
  /** Of the cell as it is stored: of a decimal the scaled whole number. ALL_ZERO where every one is 0. */
  readonly exponent: number;
}

/** The ciphertext columns of x, to be multiplied by another column's. */
export interface FactorMeta {
  /** Schema index. */
  readonly column: number;
  /** First ciphertext column; limb i of the split is column `first + i`. */
  readonly first: number;
  readonly limbs: number;
  /** Bits per limb of the split. */
  readonly width: number;
  /** Largest |value| in any row. */
  readonly maxAbs: bigint;
  /** Absent unless a column is real. */
  readonly fixed?: FixedPoint;
}

/** The ciphertext columns of x (one schema index) or x·y (two, in schema order; x·x included). */
export interface ProductMeta {
  readonly factors: readonly [number] | readonly [number, number];
  /** First ciphertext column; limb i of the split is column `first + i`. */
  readonly first: number;
  readonly limbs: number;
  /** Bits per limb of the split. */
  readonly width: number;
  /** Largest |value| in any row. */
  readonly maxAbs: bigint;
  /** Absent unless a column is real. */
  readonly fixed?: FixedPoint;
}

export interface ColumnMeta {
  readonly nulls: number;
  /** Distinct values, NULL apart; exact. */
  readonly distinct: number;
  /** A posting list per value exists. */
  readonly equality: boolean;
  /** A rank tree exists. */
  readonly range: boolean;
  /**
   * Lists of parts of values exist: of a document's keywords; of a text's prefixes where the schema has
   * them, and of its grams where the schema has them and there is no dictionary.
   */
  readonly parts: boolean;
}

export function encodeSegmentMeta(meta: SegmentMeta): Uint8Array {
  const writer = new Writer();
  writer.u32(meta.products.length);
  for (const product of meta.products) {
    writer.u8(product.factors.length);
    for (const factor of product.factors) writer.u16(factor);
    writer
      .u32(product.first)
      .u16(product.limbs)
      .u8(product.width)
      .text(product.maxAbs.toString(16));
  }
  writer.u32(meta.columns.length);
  for (const column of meta.columns) {
    writer.u32(column.nulls).u32(column.distinct);
    writer.u8((column.equality ? 1 : 0) | (column.range ? 2 : 0) | (column.parts ? 4 : 0));
  }
  if (meta.factors.length > 0) {
    writer.u8(SECTION.factors).u32(meta.factors.length);
    for (const { column, first, limbs, width, maxAbs } of meta.factors) {
      writer.u16(column).u32(first).u16(limbs).u8(width).text(maxAbs.toString(16));
    }
  }
  const numbers = [...meta.products, ...meta.factors];
  if (numbers.some(({ fixed }) => fixed !== undefined)) {
    writer.u8(SECTION.fixedPoints);
    for (const { fixed } of numbers) writeFixedPoint(writer, fixed);
  }
  if (meta.groups !== undefined) {
    writer.u8(SECTION.groups);
    writeGroupColumns(writer, meta.groups);
  }
  if (meta.rowCodes === true) writer.u8(SECTION.rowCodes);
  if (meta.rungs !== undefined) {
    writer.u8(SECTION.rungs).u16(meta.rungs.length);
    for (const { column, index } of meta.rungs) writer.u16(column).text(index);
  }
  if (meta.reals !== undefined) {
    writer.u8(SECTION.reals).u16(meta.reals.length);
    for (const { column, first, exponent } of meta.reals) {
      writer
        .u16(column)
        .u32(first)
        .u16(exponent + EXPONENT_ZERO);
    }
  }
  if (meta.checks !== undefined) {
    writer.u8(SECTION.checks);
    writeCheckColumns(writer, meta.checks);
  }
  return writer.finish();
}

/** What follows the columns, each at most once and in this order; a segment of a first version has none. */
const SECTION = {
  factors: 1,
  fixedPoints: 2,
  groups: 3,
  rowCodes: 4,
  rungs: 5,
  reals: 6,
  checks: 7,
} as const;

/** Exponents of doubles, and of whole numbers of a thousand digits, are farther from 0 than this nowhere. */
const EXPONENT_ZERO = 1 << 15;
/** What is divided by a power of two above the largest value, where that is 0. */
export const ALL_ZERO: number = -EXPONENT_ZERO;

export function decodeSegmentMeta(bytes: Uint8Array): SegmentMeta {
  const reader = new Reader(bytes, 'segment metadata');
  const products: ProductMeta[] = [];
  const productCount = reader.count(10);
  for (let i = 0; i < productCount; i++) {
    const two = reader.u8() === 2;
    const first = reader.u16();
    const factors = two ? ([first, reader.u16()] as const) : ([first] as const);
    products.push({
      factors,
      first: reader.u32(),
      limbs: reader.u16(),
      width: reader.u8(),
      maxAbs: readHex(reader),
    });
  }
  const columns: ColumnMeta[] = [];
  const columnCount = reader.count(9);
  for (let i = 0; i < columnCount; i++) {
    const nulls = reader.u32();
    const distinct = reader.u32();
    const flags = reader.u8();
    const [equality, range, parts] = [1, 2, 4].map((flag) => (flags & flag) !== 0);
    columns.push({ nulls, distinct, equality: equality!, range: range!, parts: parts! });
  }
  let meta: SegmentMeta = { products, factors: [], columns };
  let last = 0;
  while (reader.remaining > 0) {
    const section = reader.u8();
    if (section <= last) reader.fail('a section is out of order');
    last = section;
    meta = readSection(reader, section, meta);
  }
  return meta;
}

function readSection(reader: Reader, section: number, meta: SegmentMeta): SegmentMeta {
  switch (section) {
    case SECTION.factors:
      return { ...meta, factors: readFactors(reader) };
    case SECTION.fixedPoints: {
      const pointed = <T extends ProductMeta | FactorMeta>(one: T): T => {
        const fixed = readFixedPoint(reader);
        return fixed === undefined ? one : { ...one, fixed };
      };
      const products = meta.products.map(pointed);
      return { ...meta, products, factors: meta.factors.map(pointed) };
    }
    case SECTION.groups:
      return { ...meta, groups: readGroupColumns(reader, () => readHex(reader)) };
    case SECTION.rowCodes:
      return { ...meta, rowCodes: true };
    case SECTION.rungs:
      return { ...meta, rungs: readRungs(reader) };
    case SECTION.reals:
      return { ...meta, reals: readReals(reader) };
    case SECTION.checks:
      return { ...meta, checks: readCheckColumns(reader) };
    default:
      return reader.fail('a section is not known');
  }
}

function readRungs(reader: Reader): RungMeta[] {
  const count = reader.u16();
  return Array.from({ length: count }, () => ({ column: reader.u16(), index: reader.text(32) }));
}

function readReals(reader: Reader): RealMeta[] {
  const count = reader.u16();
  return Array.from({ length: count }, () => ({
    column: reader.u16(),
    first: reader.u32(),
    exponent: reader.u16() - EXPONENT_ZERO,
  }));
}

function readFactors(reader: Reader): FactorMeta[] {
  const factors: FactorMeta[] = [];
  const count = reader.count(13);
  for (let i = 0; i < count; i++) {
    factors.push({
      column: reader.u16(),
      first: reader.u32(),
      limbs: reader.u16(),
      width: reader.u8(),
      maxAbs: readHex(reader),
    });
  }
  return factors;
}

/** Hexadecimal digits of a bound: whole numbers may be of a thousand decimal digits, and products of them. */
const MAX_BOUND_DIGITS = 1 << 20;

function readHex(reader: Reader): bigint {
  const digits = reader.text(MAX_BOUND_DIGITS);
  if (!/^[0-9a-f]+$/.test(digits)) reader.fail('a bound is not a hexadecimal number');
  return BigInt(`0x${digits}`);
}

export interface DictionaryEntry {
  /** Canonical bytes. */
  readonly value: Uint8Array;
  /** Rows of the segment that have it. */
  readonly rows: number;
}

/** The sealed section of one column: its dictionary (values ascending) and boundaries. */
export interface ColumnSection {
  /** Absent when the column has more distinct values than a dictionary may hold. */
  readonly dictionary: readonly DictionaryEntry[] | undefined;
  /** search/sse boundaries, encoded; absent without a rank tree. */
  readonly boundaries: Uint8Array | undefined;
}

/** Distinct values a dictionary holds at most; columns with more cannot be grouped by. */
export const DICTIONARY_LIMIT = 65_536;

export function encodeColumnSection(section: ColumnSection): Uint8Array {
  const writer = new Writer(1024);
  writer.u8((section.dictionary ? 1 : 0) | (section.boundaries ? 2 : 0));
  if (section.dictionary) {
    writer.u32(section.dictionary.length);
    for (const { value, rows } of section.dictionary) writer.u32(rows).bytes(value);
  }
  if (section.boundaries) writer.bytes(section.boundaries);
  return writer.finish();
}

export function decodeColumnSection(bytes: Uint8Array): ColumnSection {
  const reader = new Reader(bytes, 'column metadata');
  const flags = reader.u8();
  let dictionary: DictionaryEntry[] | undefined;
  if ((flags & 1) !== 0) {
    const count = reader.count(8, DICTIONARY_LIMIT);
    dictionary = [];
    for (let i = 0; i < count; i++) dictionary.push({ rows: reader.u32(), value: reader.bytes() });
  }
  const boundaries = (flags & 2) === 0 ? undefined : reader.bytes();
  reader.end();
  return { dictionary, boundaries };
}
