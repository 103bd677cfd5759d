import { Reader, Writer } from '../../bytes/codec.ts';
import { MAX_ROWS } from '../sse/format.ts';
import type { Layout } from './lwe/layout.ts';
import { areDimensions } from './lwe/parameters.ts';
import { TAG_BYTES, type Record } from './records.ts';

/**
 * What the vault keeps besides the key, sealed with the segment's metadata: it believes this about the table's shape, not
 * what the store says.
 */
export interface PirState {
  readonly rows: number;
  readonly layout: Layout;
  /** SHA-256. */
  readonly hintDigest: Uint8Array;
  readonly stash: readonly Record[];
}

const WHAT = 'pir state';
const DIGEST_BYTES = 32;

/** rows u32 | height u32 | columns u32 | parts u16 | digest 32 | stash: count u32, each tag 8, content. */
export function encodeState({ rows, layout, hintDigest, stash }: PirState): Uint8Array {
  const { height, columns, parts } = layout;
  const writer = new Writer().u32(rows).u32(height).u32(columns).u16(parts).raw(hintDigest);
  writer.u32(stash.length);
  for (const { tag, content } of stash) writer.raw(tag).bytes(content);
  return writer.finish();
}

/** @throws BYTES_INVALID */
export function decodeState(bytes: Uint8Array): PirState {
  const reader = new Reader(bytes, WHAT);
  const rows = reader.u32();
  if (rows < 1 || rows > MAX_ROWS) reader.fail('row count out of range');
  const layout = { height: reader.u32(), columns: reader.u32(), parts: reader.u16() };
  if (!areDimensions(layout) || layout.parts < 1) reader.fail('dimensions out of range');
  const hintDigest = reader.raw(DIGEST_BYTES);
  const stash = Array.from({ length: reader.count(TAG_BYTES + 4) }, () => ({
    tag: reader.raw(TAG_BYTES),
    content: reader.bytes(),
  }));
  reader.end();
  return { rows, layout, hintDigest, stash };
}
