import { equalBytes } from '../../bytes/compare.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { Fragment, SegmentFragment } from '../../plan/fragment.ts';
import { encodeFragment } from '../../plan/fragment-codec.ts';
import { EmbeddedLink } from '../../run/embedded.ts';
import { MemoryBackend } from '../../store/backends/memory.ts';
import type { CallOptions, PartKind, StoreLink } from '../../store/link.ts';
import {
  manifestDigest,
  parseManifest,
  type PartEntry,
  type SegmentEntry,
} from '../../table/manifest.ts';
import { fetchPart } from '../fetch-part.ts';
import type { OpenTable } from '../open-table.ts';

/** Uploaded bytes of the parts of one replay at most: expanded they take about 2.4 times as many. */
const MOST_BYTES = 1 << 29;

/** A store of one table at one epoch, of the parts that were put there. */
class ReplayBackend extends MemoryBackend {
  private readonly manifest: Uint8Array;

  constructor(manifest: Uint8Array) {
    super();
    this.manifest = manifest;
  }

  override head(): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.manifest);
  }
}

/**
 * A fragment evaluated in this process, on parts that are fetched whole and checked against the signed digests: what an
 * honest store answers, to the byte, for evaluation is deterministic.
 * @throws EPOCH_CONFLICT where the table moved on, PART_CORRUPT, PART_MISSING, REQUEST_TOO_LARGE
 */
export async function replay(
  fragment: Fragment,
  table: OpenTable,
  link: StoreLink,
  options: CallOptions,
): Promise<Uint8Array> {
  const parts = fragment.segments.flatMap((share) => partsFor(share, table));
  const size = parts.reduce((sum, { part }) => sum + part.bytes, 0);
  if (size > MOST_BYTES) {
    throw new OpalineError('REQUEST_TOO_LARGE', {
      what: 'what a verified answer must fetch to be computed again',
      size,
      limit: MOST_BYTES,
    });
  }
  const { epoch } = table.manifest;
  const manifest = await link.head(table.id);
  if (manifest === undefined || !equalBytes(manifestDigest(manifest), table.digest)) {
    const found = manifest === undefined ? 0 : parseManifest(manifest).epoch;
    throw new OpalineError('EPOCH_CONFLICT', { expected: epoch, found });
  }
  await using store = new EmbeddedLink(new ReplayBackend(manifest));
  for (const { kind, part } of parts) {
    const bytes = await fetchPart(link, table.id, part, options);
    await store.put({ table: table.id, id: part.id, kind, bytes, digest: part.digest }, options);
  }
  const { signal } = options;
  return await store.aggregate(encodeFragment(fragment), signal === undefined ? {} : { signal });
}

/** Every part that evaluating a segment's share reads. */
function partsFor(
  { segment, nodes, sums, scores }: SegmentFragment,
  table: OpenTable,
): { kind: PartKind; part: PartEntry }[] {
  const entry: SegmentEntry = table.manifest.segments.find(({ id }) => id === segment)!;
  const rungs = new Set(nodes.flatMap((node) => (node.kind === 'lookup' ? [node.rung] : [])));
  const columns = new Set([
    ...sums.flatMap(({ column, times }) => (times === undefined ? [column] : [column, times])),
    ...(scores?.columns ?? []),
  ]);
  const indexes = [entry.index, ...[...rungs].map((number) => entry.rungs[number]!.parts[0]!)];
  return [
    ...indexes.map((part) => ({ kind: 'index' as const, part })),
    ...(entry.deleted === undefined
      ? []
      : [{ kind: 'deleted' as const, part: entry.deleted.part }]),
    ...[...columns].map((number) => ({ kind: 'column' as const, part: entry.columns[number]! })),
  ];
}
