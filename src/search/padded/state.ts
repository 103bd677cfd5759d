import { Reader, wordBytes, Writer } from '../../bytes/codec.ts';
import { isShape, STASH_CELLS, type PaddedShape } from './format.ts';

const WHAT = 'the state of a padded index';
export const SALT_BYTES = 16;

/** What the vault keeps of an index, sealed. Its size follows from the index's shape alone. */
export interface PaddedState {
  readonly shape: PaddedShape;
  /** Fresh in each attempt to build: keys are derived with it. */
  readonly salt: Uint8Array;
  /** Cells that found no place, of `payload` / 4 words each. */
  readonly stash: readonly Uint32Array[];
}

export function encodeState({ shape, salt, stash }: PaddedState): Uint8Array {
  const writer = new Writer(64 + STASH_CELLS * shape.payload)
    .u32(shape.rows)
    .u8(shape.tables)
    .u8(shape.base)
    .u32(shape.payload)
    .u32(shape.longest)
    .u32(shape.side)
    .raw(salt);
  if (shape.tables === 1) return writer.finish();
  // How many were left over depends on which cells there are together with where a query looks.
  const empty = new Uint32Array(shape.payload / 4);
  for (let i = 0; i < STASH_CELLS; i++) writer.words(stash[i] ?? empty);
  return writer.finish();
}

/** @throws BYTES_INVALID */
export function decodeState(bytes: Uint8Array): PaddedState {
  const reader: Reader = new Reader(bytes, WHAT);
  const shape = {
    rows: reader.u32(),
    tables: reader.u8(),
    base: reader.u8(),
    payload: reader.u32(),
    longest: reader.u32(),
    side: reader.u32(),
  };
  if (!isShape(shape)) reader.fail('sizes that no index has');
  const salt = reader.raw(SALT_BYTES).slice();
  const stash: Uint32Array[] = [];
  for (let i = 0; shape.tables === 2 && i < STASH_CELLS; i++) {
    const words = reader.words();
    if (4 * words.length !== shape.payload) reader.fail('a cell of another size');
    if (wordBytes(words).some((byte) => byte !== 0)) stash.push(words);
  }
  reader.end();
  return { shape, salt, stash };
}
