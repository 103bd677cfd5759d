import { frame, FRAME_BYTES, unframe } from '../../../bytes/framing.ts';
import { MAX_ROWS } from '../../sse/format.ts';
import { hintBytes, type Layout } from './layout.ts';
import { areDimensions, type Dimensions } from './parameters.ts';

/**
 * The table as it lies at the store. All of it is sealed buckets and what follows from them and a public matrix.
 *
 * ```
 * frame "PIRX" (16) | scheme u32 = 1 | rows u32 | height u32 | columns u32 | zeros to 64
 * matrix: height rows of `columns` bytes; bucket j is column j
 * hint: height rows of 1,024 words
 * ```
 */
export const WHAT = 'pir index';
export const LWE_SCHEME = 1;
const HEADER_BYTES = 64;

/** An index over the part's own bytes: nothing is copied. */
export interface LweTable extends Dimensions {
  readonly rows: number;
  readonly matrix: Uint8Array;
  readonly hint: Uint8Array;
}

export function lwePartBytes(layout: Layout): number {
  return HEADER_BYTES + layout.height * layout.columns + hintBytes(layout);
}

/** A part with its header written, to be filled. */
export function allocateLwe(rows: number, layout: Layout): { part: Uint8Array; table: LweTable } {
  const { height, columns } = layout;
  const header = frame('PIRX').u32(LWE_SCHEME).u32(rows).u32(height).u32(columns);
  const part = new Uint8Array(lwePartBytes(layout));
  part.set(header.finish());
  const hintAt = HEADER_BYTES + height * columns;
  const matrix = part.subarray(HEADER_BYTES, hintAt);
  return { part, table: { rows, height, columns, matrix, hint: part.subarray(hintAt) } };
}

/**
 * Validate a part from outside: frame, ranges, exact length. Constant time but for the length.
 * @throws BYTES_INVALID, VERSION_UNSUPPORTED
 */
export function parseLwe(part: Uint8Array, what: string = WHAT): LweTable {
  const reader = unframe(part, 'PIRX', what);
  if (reader.u32() !== LWE_SCHEME) reader.fail('an unknown scheme');
  const rows = reader.u32();
  if (rows < 1 || rows > MAX_ROWS) reader.fail('row count out of range');
  const dimensions = { height: reader.u32(), columns: reader.u32() };
  if (!areDimensions(dimensions)) reader.fail('dimensions out of range');
  if (reader.raw(HEADER_BYTES - FRAME_BYTES - 16).some((byte) => byte !== 0)) {
    reader.fail('header padding is not zero');
  }
  const matrix = reader.raw(dimensions.height * dimensions.columns);
  const hint = reader.raw(hintBytes(dimensions));
  reader.end();
  return { rows, ...dimensions, matrix, hint };
}

/** The query that asks for the hint. */
export const HINT_QUERY: Uint8Array = Uint8Array.of(0);
