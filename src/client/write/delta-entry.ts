import { randomBytes, randomId } from '../../bytes/random.ts';
import { sha256 } from '../../bytes/hash.ts';
import { segmentKeys } from '../../keys/segment-keys.ts';
import type { DeltaEntry } from '../../table/manifest.ts';
import { sealRecords } from '../../table/sealed-record.ts';
import type { Batch } from '../../table/value.ts';
import type { Uploads } from './uploads.ts';

/** Store a few rows as sealed records under a root of their own. */
export async function uploadDelta(
  batch: Batch,
  uploads: Uploads,
): Promise<{ entry: Omit<DeltaEntry, 'birthEpoch'>; root: Uint8Array }> {
  const id = randomId();
  const root = randomBytes(32);
  const bytes = sealRecords(segmentKeys(root).records, id, batch);
  const part = { id: randomId(), bytes, digest: sha256(bytes) };
  await uploads.put({ table: uploads.table, kind: 'records', ...part });
  const records = { id: part.id, bytes: bytes.length, digest: part.digest };
  return { entry: { id, rows: batch.rows, records }, root };
}
