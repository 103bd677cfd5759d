import { Reader, Writer } from '../../bytes/codec.ts';
import { compareBytes } from '../../bytes/compare.ts';
import { blocksOf } from './tree.ts';
import { MAX_ROWS } from './format.ts';

/**
 * The lowest and highest canonical value of each block of a column's range index, for the vault
 * alone: whoever seals these bytes hides them. Ascending; neighbours may share a value.
 */
export interface ColumnBoundaries {
  readonly first: readonly Uint8Array[];
  readonly last: readonly Uint8Array[];
}

export function encodeBoundaries({ first, last }: ColumnBoundaries): Uint8Array {
  const writer = new Writer().u32(first.length);
  for (let block = 0; block < first.length; block++) {
    writer.bytes(first[block]!).bytes(last[block]!);
  }
  return writer.finish();
}

/** @throws BYTES_INVALID when the bytes are not boundaries in ascending order. */
export function decodeBoundaries(bytes: Uint8Array): ColumnBoundaries {
  const reader = new Reader(bytes, 'range boundaries');
  const blocks = reader.count(8, blocksOf(MAX_ROWS));
  const first: Uint8Array[] = [];
  const last: Uint8Array[] = [];
  for (let block = 0; block < blocks; block++) {
    const low = reader.bytes();
    const high = reader.bytes();
    const before = last.at(-1);
    if (compareBytes(low, high) > 0 || (before !== undefined && compareBytes(before, low) > 0)) {
      reader.fail('not ascending');
    }
    first.push(low);
    last.push(high);
  }
  reader.end();
  return { first, last };
}
