import type { Reader, Writer } from '../bytes/codec.ts';
import { fromHex, toHex } from '../bytes/hex.ts';

/**
 * The check columns of a segment: ciphertext columns modulo a prime p, one beside each column of sums, that hold
 * α·x_i + F(origin, i) (keys/check-key.ts). They come after all other columns.
 */
export interface CheckColumns {
  /** Segment and epoch that the pads are of. A segment of new keys that keeps its ciphertext columns keeps these too. */
  readonly origin: { readonly segment: string; readonly epoch: number };
  /** Number of the first. */
  readonly first: number;
  /** Which column each is beside, ascending. */
  readonly of: Uint32Array;
  /** Σ of each one's pads over every row of the segment, in [0, p). */
  readonly totals: readonly number[];
  /** Buckets of the MACs of the segment's posting lists (search/sse/proof.ts). */
  readonly buckets: number;
}

export function writeCheckColumns(writer: Writer, checks: CheckColumns): void {
  const { origin, first, of, totals, buckets } = checks;
  writer.raw(fromHex(origin.segment, 'a segment id')).u64(origin.epoch);
  writer.u32(first).words(of).u32(buckets);
  for (const total of totals) writer.u64(total);
}

export function readCheckColumns(reader: Reader): CheckColumns {
  const origin = { segment: toHex(reader.raw(16)), epoch: reader.u64() };
  const first = reader.u32();
  const of = reader.words();
  const buckets = reader.u32();
  const totals = Array.from(of, () => reader.u64());
  if (of.some((column, i) => column >= first || (i > 0 && column <= of[i - 1]!))) {
    reader.fail('check columns are out of order');
  }
  if (totals.some((total) => total >= 2 ** 48)) reader.fail('a total of pads is no residue');
  return { origin, first, of, totals, buckets };
}

/** Number of the check column beside a column, and its place in `totals`; undefined: it has none. */
export function checkBeside(
  { first, of }: CheckColumns,
  column: number,
): { readonly number: number; readonly place: number } | undefined {
  const place = of.indexOf(column);
  return place === -1 ? undefined : { number: first + place, place };
}
