import { Reader, Writer } from '../../bytes/codec.ts';
import { canonicalBytes, decodeCanonical } from '../../table/canonical.ts';
import { BLOCK_BITS, MAX_BLOCKS, MAX_ROWS } from './format.ts';
import type { OrdinalKind } from './ordinal.ts';

/**
 * How a segment's values are numbered. NULL is code 0 and the least value code 1, so that NULL is below
 * every range and, at rest, like any other value.
 */
export interface OreState {
  readonly rows: number;
  readonly blocks: number;
  readonly kind: OrdinalKind;
  /** Whether a row has code 0: NULL, or the place of an erased row. */
  readonly nulls: boolean;
  /** Of the ordinals; undefined where no row has a value. */
  readonly span: OrdinalSpan | undefined;
}

export interface OrdinalSpan {
  readonly least: bigint;
  readonly most: bigint;
}

const KINDS: readonly OrdinalKind[] = ['whole', 'real'];

export function encodeOreState({ rows, blocks, kind, nulls, span }: OreState): Uint8Array {
  const writer = new Writer(64)
    .u32(rows)
    .u8(blocks)
    .u8(KINDS.indexOf(kind))
    .u8(nulls ? 1 : 0)
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
  const kind = KINDS[reader.u8()];
  const nulls = reader.u8();
  const spans = reader.u8();
  if (rows < 1 || rows > MAX_ROWS || blocks < 1 || blocks > MAX_BLOCKS) reader.fail('out of range');
  if (kind === undefined || nulls > 1 || spans > 1) return reader.fail('out of range');
  const limit = (): bigint => decodeCanonical(reader.bytes(), 'integer') as bigint;
  const span = spans === 0 ? undefined : { least: limit(), most: limit() };
  reader.end();
  if (span !== undefined && (span.least > span.most || blocksFor(span) > blocks)) {
    reader.fail('a span that its blocks do not hold');
  }
  return { rows, blocks, kind, nulls: nulls === 1, span };
}

const STEP = 2;

/** Blocks of a segment's codes: whole bytes, so that the index shows the bits of its span in steps of 8. */
export function blocksFor({ least, most }: OrdinalSpan): number {
  const bits = (most - least + 1n).toString(2).length;
  return STEP * Math.ceil(bits / (STEP * BLOCK_BITS));
}
