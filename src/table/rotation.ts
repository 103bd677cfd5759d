import type { Reader, Writer } from '../bytes/codec.ts';
import type { SegmentEntry } from './manifest.ts';

/**
 * A rotation that has begun and not ended: every segment and delta entry is to be replaced by one that is
 * made anew under a root of its own. Sealed in the manifest, so that it is neither lost nor seen.
 *
 * What is made after it began, by whatever write, is new already. So nothing but the epoch of its beginning
 * has to be kept to tell the two generations apart.
 */
export interface Rotation {
  /** The epoch before the first of the new generation: what was born later is new. */
  readonly since: number;
  /** The table gets a wrapping key that was never used before; what the older ones wrapped is to be unreadable. */
  readonly keys: boolean;
  /** Ciphertext columns are encrypted anew too, and rows get other places. */
  readonly columns: boolean;
}

/** Whether a segment or delta entry is still to be replaced. */
export function isOld(
  { birthEpoch }: Pick<SegmentEntry, 'birthEpoch'>,
  { since }: Pick<Rotation, 'since'>,
): boolean {
  return birthEpoch <= since;
}

const KEYS = 1;
const COLUMNS = 2;

export function writeRotation(writer: Writer, { since, keys, columns }: Rotation): void {
  writer.u64(since).u8((keys ? KEYS : 0) | (columns ? COLUMNS : 0));
}

/** @throws BYTES_INVALID */
export function readRotation(reader: Reader): Rotation {
  const since = reader.u64();
  const flags = reader.u8();
  if (flags > (KEYS | COLUMNS)) reader.fail('a flag of the rotation is not known');
  return { since, keys: (flags & KEYS) !== 0, columns: (flags & COLUMNS) !== 0 };
}
