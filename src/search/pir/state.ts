import { Reader, Writer } from '../../bytes/codec.ts';
import { MAX_ROWS } from '../sse/format.ts';
import { areBfvDimensions } from './bfv/parameters.ts';
import { areDimensions } from './lwe/parameters.ts';
import { PIR_SCHEME, TAG_BYTES, type Record } from './records.ts';
import type { PirLayout } from './table.ts';

/**
 * What the vault keeps besides the key, sealed with the segment: it believes this about the table's shape, not
 * what the store says.
 */
export interface PirState {
  readonly rows: number;
  readonly layout: PirLayout;
  /** SHA-256 of the hint; of no bytes where the scheme has none. */
  readonly hintDigest: Uint8Array;
  readonly stash: readonly Record[];
}

const WHAT = 'pir state';
const DIGEST_BYTES = 32;

/**
 * rows u32 | scheme u8 | parts u16 | LWE: height u32, columns u32; BFV: words u32, groups u32, blocks u32
 * | digest 32 | stash: count u32, each tag 8, content.
 */
export function encodeState({ rows, layout, hintDigest, stash }: PirState): Uint8Array {
  const writer = new Writer().u32(rows).u8(PIR_SCHEME[layout.scheme]).u16(layout.parts);
  if (layout.scheme === 'lwe') writer.u32(layout.height).u32(layout.columns);
  else writer.u32(layout.words).u32(layout.groups).u32(layout.blocks);
  writer.raw(hintDigest).u32(stash.length);
  for (const { tag, content } of stash) writer.raw(tag).bytes(content);
  return writer.finish();
}

/** @throws BYTES_INVALID */
export function decodeState(bytes: Uint8Array): PirState {
  const reader = new Reader(bytes, WHAT);
  const rows = reader.u32();
  if (rows < 1 || rows > MAX_ROWS) reader.fail('row count out of range');
  const layout = readLayout(reader);
  const hintDigest = reader.raw(DIGEST_BYTES);
  const stash = Array.from({ length: reader.count(TAG_BYTES + 4) }, () => ({
    tag: reader.raw(TAG_BYTES),
    content: reader.bytes(),
  }));
  reader.end();
  return { rows, layout, hintDigest, stash };
}

function readLayout(reader: Reader): PirLayout {
  const scheme = reader.u8();
  const parts = reader.u16();
  if (parts < 1) reader.fail('dimensions out of range');
  if (scheme === PIR_SCHEME.lwe) {
    const dimensions = { height: reader.u32(), columns: reader.u32() };
    if (!areDimensions(dimensions)) reader.fail('dimensions out of range');
    return { scheme: 'lwe', ...dimensions, parts };
  }
  if (scheme !== PIR_SCHEME.bfv) reader.fail('an unknown scheme');
  const dimensions = { words: reader.u32(), groups: reader.u32(), blocks: reader.u32() };
  if (!areBfvDimensions(dimensions)) reader.fail('dimensions out of range');
  return { scheme: 'bfv', ...dimensions, parts };
}
