import { Writer } from '../bytes/codec.ts';
import { equalBytes } from '../bytes/compare.ts';
import { frame, unframe } from '../bytes/framing.ts';
import { sha256 } from '../bytes/hash.ts';
import { REF_BYTES, type SealedDetail } from './detail.ts';
import { indexPath, TILE_WIDTH } from './tile.ts';

const CHECKSUM = 32;
const RECORD_BYTES = 8 + 2 + REF_BYTES + 4;

/** The path, below the log's folder, of the sealed details of the entries of a bundle. */
export function detailPath(bundle: number): string {
  return `details/${indexPath(bundle)}`;
}

/** Records in the order of their places, then SHA-256 of all that. */
export function encodeDetails(records: readonly SealedDetail[]): Uint8Array {
  const writer = frame('LOGD', 1024).u32(records.length);
  for (const { index, part, ref, sealed } of records) {
    writer.u64(index).u16(part).raw(ref).bytes(sealed);
  }
  const content = writer.finish();
  return new Writer(content.length + CHECKSUM).raw(content).raw(sha256(content)).finish();
}

/**
 * The records of a file: of entries of one bundle, in strictly ascending places.
 * @throws BYTES_INVALID naming `what`, VERSION_UNSUPPORTED
 */
export function decodeDetails(bytes: Uint8Array, what: string, bundle?: number): SealedDetail[] {
  const reader = unframe(bytes.subarray(0, Math.max(0, bytes.length - CHECKSUM)), 'LOGD', what);
  const records: SealedDetail[] = [];
  const count = reader.count(RECORD_BYTES);
  for (let i = 0; i < count; i++) {
    const [index, part] = [reader.u64(), reader.u16()];
    const record = { index, part, ref: reader.raw(REF_BYTES).slice(), sealed: reader.bytes() };
    const before = records.at(-1);
    const own = Math.floor((before?.index ?? index) / TILE_WIDTH);
    if (Math.floor(index / TILE_WIDTH) !== (bundle ?? own)) reader.fail('details of another place');
    if (before !== undefined && !follows(record, before)) reader.fail('details out of order');
    records.push({ ...record, sealed: record.sealed.slice() });
  }
  reader.end();
  // Entries tell of every record that they have; only this tells of a damaged one that they do not.
  const content = bytes.subarray(0, -CHECKSUM);
  if (!equalBytes(sha256(content), bytes.subarray(-CHECKSUM))) reader.fail('damaged');
  return records;
}

function follows(
  next: Pick<SealedDetail, 'index' | 'part'>,
  before: Pick<SealedDetail, 'index' | 'part'>,
): boolean {
  return next.index === before.index ? next.part > before.part : next.index > before.index;
}
