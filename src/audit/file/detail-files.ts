import { equalBytes } from '../../bytes/compare.ts';
import type { SealedDetail } from '../detail.ts';
import { decodeDetails, detailPath, encodeDetails } from '../detail-file.ts';
import { parseIndexPath, TILE_WIDTH } from '../tile.ts';
import type { LogFolder } from './log-folder.ts';

/** The sealed details of a bundle's entries. @throws BYTES_INVALID of a damaged file */
export async function readDetails(folder: LogFolder, bundle: number): Promise<SealedDetail[]> {
  const path = detailPath(bundle);
  const bytes = await folder.read(path);
  return bytes === undefined ? [] : decodeDetails(bytes, path, bundle);
}

/**
 * The files of details with records added, for a log of `size` entries until then: records of entries beyond
 * that are of an append that did not finish, and go.
 */
export async function withDetails(
  folder: LogFolder,
  size: number,
  records: readonly SealedDetail[],
): Promise<Map<string, Uint8Array>> {
  const bundles = new Map<number, SealedDetail[]>();
  for (const record of records) {
    const bundle = Math.floor(record.index / TILE_WIDTH);
    if (!bundles.has(bundle)) {
      const before = bundle * TILE_WIDTH < size ? await readDetails(folder, bundle) : [];
      bundles.set(
        bundle,
        before.filter(({ index }) => index < size),
      );
    }
    bundles.get(bundle)!.push(record);
  }
  return new Map([...bundles].map(([bundle, all]) => [detailPath(bundle), encodeDetails(all)]));
}

/** The files of details that hold records under a key, without them; and how many those are. */
export async function withoutDetails(
  folder: LogFolder,
  ref: Uint8Array,
): Promise<{ readonly files: ReadonlyMap<string, Uint8Array>; readonly removed: number }> {
  const files = new Map<string, Uint8Array>();
  let removed = 0;
  for (const path of await folder.below('details')) {
    const bundle = parseIndexPath(path.slice('details/'.length));
    if (bundle === undefined) continue;
    const records = await readDetails(folder, bundle);
    const kept = records.filter((record) => !equalBytes(record.ref, ref));
    if (kept.length === records.length) continue;
    removed += records.length - kept.length;
    files.set(path, encodeDetails(kept));
  }
  return { files, removed };
}
