import { frame, unframe } from '../bytes/framing.ts';
import { REF_BYTES, type SealedDetail } from './detail.ts';
import { indexPath, TILE_WIDTH } from './tile.ts';

const RECORD_BYTES = 8 + 2 + REF_BYTES + 4;

/** The path, below the log's folder, of the sealed details of the entries of a bundle. */
export function detailPath(bundle: number): string {
  return `details/${indexPath(bundle)}`;
}

/** Records in the order of their places. */
export function encodeDetails(records: readonly SealedDetail[]): Uint8Array {
  const writer = frame('LOGD', 1024).u32(records.length);
  for (const { index, part, ref, sealed } of records) {
    writer.u64(index).u16(part).raw(ref).bytes(sealed);
  }
  return writer.finish();
}

/**
 * The records of a file: of entries of one bundle, in strictly ascending places.
 * @throws BYTES_INVALID naming `what`, VERSION_UNSUPPORTED
 */
export function decodeDetails(bytes: Uint8Array, what: string, bundle?: number): SealedDetail[] {
  const reader = unframe(bytes, 'LOGD', what);
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
  return records;
}

function follows(
  next: Pick<SealedDetail, 'index' | 'part'>,
  before: Pick<SealedDetail, 'index' | 'part'>,
): boolean {
  return next.index === before.index ? next.part > before.part : next.index > before.index;
}
