import { equalBytes } from '../../bytes/compare.ts';
import { toHex } from '../../bytes/hex.ts';
import {
  type DetailKey,
  digestOf,
  openDetail,
  type OpenDetail,
  type SealedDetail,
} from '../detail.ts';
import { decodeDetails, detailPath } from '../detail-file.ts';
import { decodeLeaf, type Leaf } from '../leaf.ts';
import type { LogSource } from '../log-source.ts';
import {
  KEY_SHARDS,
  keyPath,
  openSubjectKeys,
  type SealingKeys,
  checkKeyFile,
} from '../subject-keys.ts';
import { TILE_WIDTH, tilePath } from '../tile.ts';
import type { Findings } from './findings.ts';

/** What is known of a detail. */
export type DetailState =
  /** It was shredded, or somebody removed it: the log cannot tell which. */
  | { readonly kind: 'absent' }
  /** As it was logged, under a key that is not at hand. */
  | { readonly kind: 'sealed' }
  | { readonly kind: 'open'; readonly detail: OpenDetail };

/** An entry, by its number, with its details. */
export type VisitEntry = (index: number, leaf: Leaf, details: readonly DetailState[]) => void;

/** Keys by reference; undefined where the log's sealing secret is not at hand. */
export type KeyRing = ReadonlyMap<string, DetailKey> | undefined;

/** All keys of subjects, and that of details about nobody. */
export async function readKeyRing(
  source: LogSource,
  sealing: SealingKeys | undefined,
  findings: Findings,
): Promise<KeyRing> {
  const ring = new Map<string, DetailKey>();
  for (let shard = 0; shard < KEY_SHARDS; shard++) {
    const path = keyPath(shard);
    const bytes = await source.read(path);
    if (bytes === undefined) continue;
    if (sealing === undefined) {
      await findings.attempt(path, () => checkKeyFile(bytes, path));
      continue;
    }
    const keys = await findings.attempt(path, () => openSubjectKeys(bytes, shard, sealing));
    for (const key of keys ?? []) ring.set(toHex(key.ref), key);
  }
  if (sealing === undefined) return undefined;
  return ring.set(toHex(sealing.general.ref), sealing.general);
}

/** Checks the sealed details of a bundle's entries against what the entries say of them. */
export async function verifyDetails(
  source: LogSource,
  bundle: { readonly index: number; readonly width: number },
  entries: readonly Uint8Array[] | undefined,
  ring: KeyRing,
  findings: Findings,
  visit: VisitEntry,
): Promise<void> {
  const path = detailPath(bundle.index);
  const bytes = await source.read(path);
  const records =
    bytes === undefined
      ? []
      : await findings.attempt(path, () => decodeDetails(bytes, path, bundle.index));
  const first = bundle.index * TILE_WIDTH;
  const waiting = new Map((records ?? []).map((record) => [placeOf(record), record]));
  for (const [i, entry] of (entries ?? []).entries()) {
    const index = first + i;
    const where = tilePath({ level: 'entries', ...bundle });
    const leaf = await findings.attempt(where, () => decodeLeaf(entry, where));
    if (leaf === undefined) continue;
    const states = leaf.details.map((_, part): DetailState => {
      const record = waiting.get(placeOf({ index, part }));
      waiting.delete(placeOf({ index, part }));
      return stateOf(record, leaf, path, ring, findings);
    });
    visit(index, leaf, states);
  }
  if (entries === undefined) return;
  for (const { index, part } of waiting.values()) {
    if (index >= first + bundle.width) findings.advice(path, BEYOND);
    else findings.problem(path, `detail ${part} of entry ${index}, which has none of that number`);
  }
}

/** Of what lies after the end that the checkpoint signs. */
export const BEYOND =
  'goes beyond the checkpoint: an append was interrupted, or the checkpoint replaced by an older one';

function stateOf(
  record: SealedDetail | undefined,
  leaf: Leaf,
  path: string,
  ring: KeyRing,
  findings: Findings,
): DetailState {
  if (record === undefined) return { kind: 'absent' };
  const expected = leaf.details[record.part]!;
  const where = `detail ${record.part} of entry ${record.index}`;
  if (!equalBytes(digestOf(record), expected.digest)) {
    findings.problem(path, `${where} is not the one that was logged`);
    return { kind: 'sealed' };
  }
  const key = ring?.get(toHex(record.ref));
  if (key === undefined) {
    if (ring !== undefined) findings.advice(path, `the key of ${where} is gone`);
    return { kind: 'sealed' };
  }
  try {
    return { kind: 'open', detail: openDetail(key.key, record, expected, path) };
  } catch {
    findings.problem(path, `${where} does not open to what its entry commits to`);
    return { kind: 'sealed' };
  }
}

const placeOf = ({ index, part }: Pick<SealedDetail, 'index' | 'part'>): string =>
  `${index}/${part}`;
