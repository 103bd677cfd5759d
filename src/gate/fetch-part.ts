import { equalBytes } from '../bytes/compare.ts';
import { sha256OfLarge } from '../bytes/hash.ts';
import { OpalineError } from '../errors/opaline-error.ts';
import type { CallOptions, StoreLink } from '../store/link.ts';
import type { PartEntry } from '../table/manifest.ts';

/**
 * A whole part as it was uploaded, checked against the signed digest.
 * @throws PART_MISSING, PART_CORRUPT
 */
export async function fetchPart(
  link: StoreLink,
  table: string,
  entry: PartEntry,
  options: CallOptions = {},
): Promise<Uint8Array> {
  const [bytes] = await link.fetch({ table, part: entry.id, asUploaded: true }, options);
  if (bytes === undefined) throw new OpalineError('PART_MISSING', { part: entry.id });
  if (!equalBytes(await sha256OfLarge(bytes), entry.digest)) {
    throw new OpalineError('PART_CORRUPT', { part: entry.id, reason: 'its digest does not match' });
  }
  return bytes;
}
