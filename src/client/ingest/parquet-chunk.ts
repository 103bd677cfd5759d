import type { AsyncBuffer, ColumnMetaData, PageHeader } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { decodeDictionary, decodePage, type Page } from './parquet-page.ts';
import { decompressor } from './parquet-file.ts';
import type { ParquetColumn, ParquetValue } from './parquet-types.ts';

/** Read at once. A larger page, or a header with long statistics, is read in full. */
const READ_BYTES = 1 << 18;

/**
 * The data pages of a column chunk of `rows` rows, one in memory at a time.
 *
 * Sizes, counts and dictionary entries are checked against each other, so that damage shows as a RangeError
 * or a decoder's error instead of missing rows, values from elsewhere, or a loop of billions. Only the
 * leaves of the format are hyparquet's: its assembly of nested rows is three quarters of its time, and it
 * takes an entry that the dictionary does not have for NULL.
 */
export async function* chunkPages(
  file: AsyncBuffer,
  column: ParquetColumn,
  meta: ColumnMetaData,
  rows: number,
): AsyncGenerator<Page, void, undefined> {
  if (Number(meta.num_values) !== rows) throw new RangeError('rows');
  const decompress = decompressor(meta.codec);
  const bytes = new ChunkBytes(file, meta);
  let dictionary: ArrayLike<ParquetValue> | undefined;
  for (let left = rows; left > 0;) {
    const header = await bytes.header();
    const body = await bytes.take(header.compressed_page_size);
    if (header.type === 'DICTIONARY_PAGE') {
      dictionary = decodeDictionary(header, body, column, decompress);
    } else if (header.type === 'DATA_PAGE' || header.type === 'DATA_PAGE_V2') {
      const page = decodePage(header, body, column, decompress, dictionary, left);
      left -= page.rows;
      yield page;
    }
  }
}

/** The bytes of a chunk, read ahead a little. */
class ChunkBytes {
  private readonly file: AsyncBuffer;
  private readonly end: number;
  private start: number;
  private buffer: Uint8Array = new Uint8Array();

  constructor(file: AsyncBuffer, meta: ColumnMetaData) {
    // Some writers set a dictionary offset of 0 for none, some leave it out although there is one.
    const dictionary = Number(meta.dictionary_page_offset ?? 0);
    const data = Number(meta.data_page_offset);
    this.file = file;
    this.start = dictionary > 0 && dictionary < data ? dictionary : data;
    this.end = this.start + Number(meta.total_compressed_size);
    if (!(this.start >= 0 && this.start <= this.end && this.end <= file.byteLength)) {
      throw new RangeError('chunk');
    }
  }

  async header(): Promise<PageHeader> {
    for (let want = 1 << 12; ; want *= 4) {
      const whole = await this.fill(want);
      const { buffer } = this;
      const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
      const reader = { view, offset: 0 };
      try {
        const header = parquetHeader(reader);
        this.skip(reader.offset);
        return header;
      } catch (error) {
        if (whole) throw error;
      }
    }
  }

  /** The next `length` bytes, in a buffer of their own. */
  async take(length: number): Promise<Uint8Array> {
    if (!(length >= 0 && length <= this.end - this.start)) throw new RangeError('page size');
    await this.fill(length);
    const taken = this.buffer.slice(0, length);
    this.skip(length);
    return taken;
  }

  /** Makes at least `length` bytes of the chunk available, or what is left; true in that case. */
  private async fill(length: number): Promise<boolean> {
    const left = this.end - this.start;
    if (this.buffer.length < Math.min(length, left)) {
      const size = Math.min(Math.max(length, READ_BYTES), left);
      this.buffer = new Uint8Array(await this.file.slice(this.start, this.start + size));
    }
    return length >= left;
  }

  private skip(length: number): void {
    this.start += length;
    this.buffer = this.buffer.subarray(length);
  }
}
