import { Reader, Writer } from '../bytes/codec.ts';
import { RowSet } from './row-set.ts';

/**
 * Which value each row of a segment has in one column: a number in the column's dictionary, or one past
 * its end for NULL, in 1, 2 or 4 bytes a row. Of a column without a dictionary only which rows are NULL.
 * Sealed: with it the vault groups rows by itself.
 */
export interface RowCodes {
  /** Per row the place of its value in the dictionary, its length for NULL; undefined without a dictionary. */
  readonly codes: Uint8Array | Uint16Array | Uint32Array | undefined;
  readonly nulls: RowSet;
}

/** Bytes of a row's code where the dictionary has so many values. */
export function codeBytes(distinct: number): 1 | 2 | 4 {
  return distinct < 1 << 8 ? 1 : distinct < 1 << 16 ? 2 : 4;
}

/**
 * @param codes per row its value's number, negative for NULL
 * @param dictionary the number of values; undefined: no code is kept, only NULLs
 */
export function encodeRowCodes(codes: Int32Array, dictionary: number | undefined): Uint8Array {
  const rows = codes.length;
  const writer = new Writer(16 + 4 * rows);
  if (dictionary === undefined) {
    const nulls = new RowSet(rows);
    codes.forEach((code, row) => {
      if (code < 0) nulls.add(row);
    });
    return writer.u8(0).u32(rows).words(nulls.words).finish();
  }
  const width = codeBytes(dictionary);
  writer.u8(width).u32(rows);
  for (let row = 0; row < rows; row++) {
    const code = codes[row]! < 0 ? dictionary : codes[row]!;
    if (width === 1) writer.u8(code);
    else if (width === 2) writer.u16(code);
    else writer.u32(code);
  }
  return writer.finish();
}

/** @throws BYTES_INVALID unless it is of `rows` rows and a dictionary of so many values, or of none */
export function decodeRowCodes(
  bytes: Uint8Array,
  rows: number,
  dictionary: number | undefined,
): RowCodes {
  const reader = new Reader(bytes, 'row codes');
  const width = reader.u8();
  if (reader.u32() !== rows) reader.fail('they are of another number of rows');
  if (width !== (dictionary === undefined ? 0 : codeBytes(dictionary))) {
    reader.fail('they are of another dictionary');
  }
  if (dictionary === undefined) {
    const words = reader.words();
    if (words.length !== (rows + 31) >>> 5) reader.fail('they are of another number of rows');
    reader.end();
    return { codes: undefined, nulls: new RowSet(rows, words) };
  }
  const codes =
    width === 1
      ? new Uint8Array(rows)
      : width === 2
        ? new Uint16Array(rows)
        : new Uint32Array(rows);
  const nulls = new RowSet(rows);
  for (let row = 0; row < rows; row++) {
    const code = width === 1 ? reader.u8() : width === 2 ? reader.u16() : reader.u32();
    if (code > dictionary) reader.fail('a code is not in the dictionary');
    if (code === dictionary) nulls.add(row);
    codes[row] = code;
  }
  reader.end();
  return { codes, nulls };
}
