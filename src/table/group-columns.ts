import type { Reader, Writer } from '../bytes/codec.ts';
import { type FixedPoint, readFixedPoint, writeFixedPoint } from './fixed-point.ts';

/**
 * Ciphertext columns of one group each (Papadimitriou et al., "Big Data Analytics over Encrypted Datasets
 * with Seabed", OSDI 2016, §3.3, SPLASHE): x·[g = v] for every value v of g, so that the plain sum of a
 * column is the sum of a group, and the store is told neither which rows are in it nor how many.
 */
export interface GroupColumns {
  /** Schema index of g. Its groups are its dictionary's values, ascending, then NULL if there is one. */
  readonly column: number;
  readonly products: readonly GroupProduct[];
}

export interface GroupProduct {
  /** Schema indexes of what is summed: none counts rows, one is x, two are x·y. */
  readonly factors: readonly number[];
  /** Of a count: the schema index of the column whose NULLs do not count; undefined: every row counts. */
  readonly notNull: number | undefined;
  /** Consecutive groups that share a column, each in a digit of its own (params/packing.ts). */
  readonly digits: number;
  readonly limbs: number;
  /** Bits per limb of the split. */
  readonly width: number;
  /** Largest |value| in any row. */
  readonly maxAbs: bigint;
  /** Absent unless a factor is real. */
  readonly fixed?: FixedPoint;
  /** Ciphertext column number of each limb of each run of `digits` groups, in an order that is secret. */
  readonly columns: readonly number[];
}

const NONE = 0xffff;

export function writeGroupColumns(writer: Writer, all: readonly GroupColumns[]): void {
  writer.u32(all.length);
  for (const { column, products } of all) {
    writer.u16(column).u32(products.length);
    for (const product of products) {
      writer.u8(product.factors.length);
      for (const factor of product.factors) writer.u16(factor);
      writer.u16(product.notNull ?? NONE);
      writer.u8(product.digits).u16(product.limbs).u8(product.width);
      writer.text(product.maxAbs.toString(16)).words(Uint32Array.from(product.columns));
      writeFixedPoint(writer, product.fixed);
    }
  }
}

export function readGroupColumns(reader: Reader, readBound: () => bigint): GroupColumns[] {
  return Array.from({ length: reader.count(6) }, () => ({
    column: reader.u16(),
    products: Array.from({ length: reader.count(16) }, () => {
      const factors = Array.from({ length: reader.u8() }, () => reader.u16());
      const notNull = reader.u16();
      const product = {
        factors,
        notNull: notNull === NONE ? undefined : notNull,
        digits: reader.u8(),
        limbs: reader.u16(),
        width: reader.u8(),
        maxAbs: readBound(),
        columns: Array.from(reader.words()),
      };
      const fixed = readFixedPoint(reader);
      return fixed === undefined ? product : { ...product, fixed };
    }),
  }));
}
