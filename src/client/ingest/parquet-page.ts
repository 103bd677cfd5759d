import type { DataReader, DecodedArray, PageHeader } from 'hyparquet';
import { deltaBinaryUnpack, deltaByteArray, deltaLengthByteArray } from 'hyparquet/src/delta.js';
import { byteStreamSplit } from 'hyparquet/src/encoding.js';
import { readPlain } from 'hyparquet/src/plain.js';
import type { DataPageHeader, DataPageHeaderV2, Encoding } from 'hyparquet/src/types.js';
import { decodeHybrid } from './parquet-hybrid.ts';
import type { ParquetColumn, ParquetValue } from './parquet-types.ts';

/**
 * A decoded page of a flat column: `rows` cells, of which those with valid[i] = 1 (all, where it is absent)
 * take the next of `values`, or of `index` into the dictionary `values`.
 */
export interface Page {
  readonly rows: number;
  readonly valid: Uint8Array | undefined;
  readonly values: ArrayLike<ParquetValue>;
  readonly index: Uint32Array | undefined;
}

export type Decompress = (input: Uint8Array, length: number) => Uint8Array;

/** The values of a dictionary page. Throws where the bytes are not what the header says. */
export function decodeDictionary(
  header: PageHeader,
  body: Uint8Array,
  column: ParquetColumn,
  decompress: Decompress,
): ArrayLike<ParquetValue> {
  const { num_values: count, encoding } = header.dictionary_page_header!;
  if (encoding !== 'PLAIN' && encoding !== 'PLAIN_DICTIONARY') throw new RangeError('encoding');
  const page = decompress(body, header.uncompressed_page_size);
  if (!(count >= 0 && count <= page.length * 8)) throw new RangeError('dictionary size');
  return toValues(decodeValues('PLAIN', page, column, count), column);
}

/** A data page, of version 1 or 2, of at most `most` rows. Throws where the bytes are not as the header says. */
export function decodePage(
  header: PageHeader,
  body: Uint8Array,
  column: ParquetColumn,
  decompress: Decompress,
  dictionary: ArrayLike<ParquetValue> | undefined,
  most: number,
): Page {
  const optional = column.element.repetition_type !== 'REQUIRED';
  const first = header.data_page_header;
  const second = header.data_page_header_v2;
  const { num_values: rows, encoding } = (first ?? second)!;
  if (!(rows >= 0 && rows <= most)) throw new RangeError('rows');
  const { page, from, to, at } =
    second === undefined
      ? firstVersion(first!, decompress(body, header.uncompressed_page_size), optional)
      : secondVersion(second, header, body, decompress);
  const valid = optional ? new Uint8Array(rows) : undefined;
  let count = rows;
  if (valid !== undefined) {
    decodeHybrid(from.bytes, from.at, to, 1, valid);
    count = 0;
    for (const bit of valid) count += bit;
  }
  const every = { rows, valid: count === rows ? undefined : valid };
  if (encoding !== 'PLAIN_DICTIONARY' && encoding !== 'RLE_DICTIONARY') {
    const values = toValues(decodeValues(encoding, page.subarray(at), column, count), column);
    if (values.length !== count) throw new RangeError('values');
    return { ...every, values, index: undefined };
  }
  const index = new Uint32Array(count);
  if (dictionary === undefined) throw new RangeError('no dictionary');
  if (count > 0) decodeHybrid(page, at + 1, page.length, page[at]!, index);
  for (const entry of index)
    if (entry >= dictionary.length) throw new RangeError('dictionary entry');
  return { ...every, values: dictionary, index };
}

/** Where a page's definition levels [from, to) and its values (`page` from `at`) are. */
interface Layout {
  readonly from: { readonly bytes: Uint8Array; readonly at: number };
  readonly to: number;
  readonly page: Uint8Array;
  readonly at: number;
}

function firstVersion(header: DataPageHeader, page: Uint8Array, optional: boolean): Layout {
  if (!optional) return { from: { bytes: page, at: 0 }, to: 0, page, at: 0 };
  if (header.definition_level_encoding !== 'RLE') throw new RangeError('level encoding');
  const length = readerOf(page).view.getUint32(0, true);
  return { from: { bytes: page, at: 4 }, to: 4 + length, page, at: 4 + length };
}

function secondVersion(
  levels: DataPageHeaderV2,
  header: PageHeader,
  body: Uint8Array,
  decompress: Decompress,
): Layout {
  const { definition_levels_byte_length: to, repetition_levels_byte_length: repetition } = levels;
  if (!(repetition === 0 && to >= 0 && to <= body.length)) throw new RangeError('levels');
  const rest = body.subarray(to);
  const packed = levels.is_compressed !== false;
  const page = packed ? decompress(rest, header.uncompressed_page_size - to) : rest;
  return { from: { bytes: body, at: 0 }, to, page, at: 0 };
}

function decodeValues(
  encoding: Encoding,
  bytes: Uint8Array,
  column: ParquetColumn,
  count: number,
): DecodedArray {
  if (count === 0) return [];
  const reader = readerOf(bytes);
  const values = valuesOf(encoding, bytes, reader, column, count);
  // The readers take views of the buffer, which is larger than the page.
  if (reader.offset > bytes.length) throw new RangeError('values');
  return values;
}

function valuesOf(
  encoding: Encoding,
  bytes: Uint8Array,
  reader: DataReader,
  column: ParquetColumn,
  count: number,
): DecodedArray {
  const { type, type_length: width } = column.element;
  switch (encoding) {
    case 'PLAIN':
      return readPlain(reader, type!, count, width);
    case 'RLE': {
      if (type !== 'BOOLEAN') break;
      const bits = new Uint8Array(count);
      decodeHybrid(bytes, 4, 4 + reader.view.getUint32(0, true), 1, bits);
      return bits;
    }
    case 'DELTA_BINARY_PACKED': {
      if (type !== 'INT32' && type !== 'INT64') break;
      const out = new BigInt64Array(count);
      deltaBinaryUnpack(reader, count, out);
      // hyparquet cuts a first value of 33 bits, as DuckDB writes one for unsigned integers, to 32.
      return type === 'INT64'
        ? out
        : Int32Array.from(out, (value) => Number(BigInt.asIntN(32, value)));
    }
    case 'DELTA_LENGTH_BYTE_ARRAY':
    case 'DELTA_BYTE_ARRAY': {
      if (type !== 'BYTE_ARRAY' && type !== 'FIXED_LEN_BYTE_ARRAY') break;
      const out: Uint8Array[] = Array.from({ length: count });
      (encoding === 'DELTA_BYTE_ARRAY' ? deltaByteArray : deltaLengthByteArray)(reader, count, out);
      return out;
    }
    case 'BYTE_STREAM_SPLIT':
      if (count * (width ?? 1) > bytes.length) throw new RangeError('values');
      return byteStreamSplit(reader, count, type!, width);
    default:
  }
  throw new RangeError('encoding');
}

function toValues(raw: DecodedArray, { decode }: ParquetColumn): ArrayLike<ParquetValue> {
  if (decode === undefined) return raw as ArrayLike<number>;
  const values: ParquetValue[] = [];
  for (let i = 0; i < raw.length; i++) values.push(decode(raw[i] as never));
  return values;
}

function readerOf(bytes: Uint8Array): DataReader {
  return { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
}
