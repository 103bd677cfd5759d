import { frame, FRAME_BYTES, unframe } from '../../../bytes/framing.ts';
import { MAX_ROWS } from '../../sse/format.ts';
import { PIR_SCHEME, WHAT } from '../records.ts';
import { areBfvDimensions, PRIMES, RING_DEGREE, type BfvDimensions } from './parameters.ts';

/**
 * The table as it lies at the store: sealed buckets as polynomials in evaluation form, three times as large as the buckets, so
 * that answering takes no transform of the table.
 *
 * ```
 * frame "PIRX" (16) | scheme u32 = 2 | rows u32 | words u32 | groups u32 | blocks u32 | zeros to 64
 * [group][block][limb][4096] residues u32
 * ```
 */
const HEADER_BYTES = 64;

/** Bytes of a polynomial. */
export const POLYNOMIAL_BYTES: number = 4 * PRIMES.length * RING_DEGREE;

/** An index over the part's own bytes. */
export interface BfvTable extends BfvDimensions {
  readonly rows: number;
  readonly polynomials: Uint8Array;
}

export const bfvPartBytes = ({ groups, blocks }: BfvDimensions): number =>
  HEADER_BYTES + groups * blocks * POLYNOMIAL_BYTES;

/** A part with its header written, to be filled. */
export function allocateBfv(
  rows: number,
  dimensions: BfvDimensions,
): { part: Uint8Array; table: BfvTable } {
  const { words, groups, blocks } = dimensions;
  const header = frame('PIRX').u32(PIR_SCHEME.bfv).u32(rows).u32(words).u32(groups).u32(blocks);
  const part = new Uint8Array(bfvPartBytes(dimensions));
  part.set(header.finish());
  return { part, table: { rows, words, groups, blocks, polynomials: part.subarray(HEADER_BYTES) } };
}

/**
 * Validate a part from outside: frame, ranges, exact length, every residue below its prime.
 * @throws BYTES_INVALID, VERSION_UNSUPPORTED
 */
export function parseBfv(part: Uint8Array, what: string = WHAT): BfvTable {
  const reader = unframe(part, 'PIRX', what);
  if (reader.u32() !== PIR_SCHEME.bfv) reader.fail('an unknown scheme');
  const rows = reader.u32();
  if (rows < 1 || rows > MAX_ROWS) reader.fail('row count out of range');
  const dimensions = { words: reader.u32(), groups: reader.u32(), blocks: reader.u32() };
  if (!areBfvDimensions(dimensions)) reader.fail('dimensions out of range');
  if (reader.raw(HEADER_BYTES - FRAME_BYTES - 20).some((byte) => byte !== 0)) {
    reader.fail('header padding is not zero');
  }
  const polynomials = reader.raw(bfvPartBytes(dimensions) - HEADER_BYTES);
  reader.end();
  if (!areResidues(polynomials)) reader.fail('a residue is out of range');
  return { rows, ...dimensions, polynomials };
}

function areResidues(polynomials: Uint8Array): boolean {
  const view = new DataView(polynomials.buffer, polynomials.byteOffset, polynomials.byteLength);
  const limb = 4 * RING_DEGREE;
  for (let start = 0, j = 0; start < polynomials.length; start += limb, j++) {
    const prime = PRIMES[j % PRIMES.length]!;
    for (let at = start; at < start + limb; at += 4) {
      if (view.getUint32(at, true) >= prime) return false;
    }
  }
  return true;
}
