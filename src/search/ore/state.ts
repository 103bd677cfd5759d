import { Reader, Writer } from '../../bytes/codec.ts';
import { canonicalBytes, decodeCanonical } from '../../table/canonical.ts';
import type { ColumnType } from '../../table/value.ts';
import { BLOCK_BITS, MAX_BLOCKS, MAX_ROWS } from './format.ts';
import { ordinalOf } from './ordinal.ts';

/**
 * How a segment's values are numbered. NULL is code 0 and the least value code 1, so that NULL is below
 * every range and, at rest, like any other value.
 */
export interface OreState {
  readonly rows: number;
  readonly blocks: number;
  /** Of the ordinals; undefined where every row is NULL. */
  readonly span: { readonly least: bigint; readonly most: bigint } | undefined;
}

export function encodeOreState({ rows, blocks, span }: OreState): Uint8Array {
  const writer = new Writer(64)
    .u32(rows)
    .u8(blocks)
    .u8(span === undefined ? 0 : 1);
  if (span !== undefined) {
    writer.bytes(canonicalBytes(span.least, 'integer')).bytes(canonicalBytes(span.most, 'integer'));
  }
  return writer.finish();
}

/** @throws BYTES_INVALID */
export function decodeOreState(bytes: Uint8Array): OreState {
  const reader = new Reader(bytes, 'ore index state');
  const rows = reader.u32();
  const blocks = reader.u8();
  const spans = reader.u8();
  if (rows < 1 || rows > MAX_ROWS || blocks < 1 || blocks > MAX_BLOCKS || spans > 1) {
    reader.fail('out of range');
  }
  const limit = (): bigint => decodeCanonical(reader.bytes(), 'integer') as bigint;
  const span = spans === 0 ? undefined : { least: limit(), most: limit() };
  reader.end();
  if (span !== undefined && (span.least > span.most || blocksFor(span) > blocks)) {
    reader.fail('a span that its blocks do not hold');
  }
  return { rows, blocks, span };
}

const STEP = 2;

/**
 * Blocks of a segment's codes: whole bytes, so that the index shows the bits of its span in steps of 8.
 * More than MAX_BLOCKS where the span has more than 64 bits.
 */
export function blocksFor({ least, most }: { least: bigint; most: bigint }): number {
  const bits = (most - least + 1n).toString(2).length;
  return STEP * Math.ceil(bits / (STEP * BLOCK_BITS));
}

/** What a value's code would be, of any value: below 1 or beyond the blocks outside the segment's span. */
export function codeOf(canonical: Uint8Array, type: ColumnType, least: bigint): bigint {
  return ordinalOf(canonical, type) - least + 1n;
}
