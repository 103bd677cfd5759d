import { PreparedKey } from '../bytes/aead.ts';
import { OpalineError } from '../errors/opaline-error.ts';
import { decodeRowsReply, encodeFragment } from '../plan/fragment-codec.ts';
import type { SetNode } from '../plan/fragment.ts';
import { matchesLike, type LikePattern } from '../plan/like.ts';
import type { StoreLink } from '../store/link.ts';
import type { SegmentEntry } from '../table/manifest.ts';
import { openRecord } from '../table/sealed-record.ts';
import type { OpenTable } from './open-table.ts';
import { inPart } from './sealed-rows.ts';

/** Records that are fetched at once. */
const BATCH = 4096;

/** The rows of a segment that may be of a pattern: node `filter` of nodes that the store evaluates. */
export interface Candidates {
  readonly entry: SegmentEntry;
  readonly nodes: readonly SetNode[];
  readonly filter: number;
}

/**
 * The rows whose cell is of a pattern, ascending: the store names the candidates that are not deleted, and
 * their sealed records are fetched, opened and tested here.
 * @throws BYTES_INVALID, PART_CORRUPT
 */
export async function likeRows(
  table: OpenTable,
  link: StoreLink,
  { entry, nodes, filter }: Candidates,
  column: number,
  pattern: LikePattern,
): Promise<Uint32Array> {
  const nothing = { groups: [], counts: [], sums: [], tallies: [], members: [] };
  const fragment = {
    version: 1,
    table: table.id,
    epoch: table.manifest.epoch,
    work: { kind: 'rows' },
    segments: [{ segment: entry.id, nodes, filter, ...nothing }],
  } as const;
  const { segments } = decodeRowsReply(await link.aggregate(encodeFragment(fragment)));
  const candidates = segments.flatMap(({ segment, rows }) => {
    if (segment === entry.id && rows.every((row) => row < entry.rows)) return Array.from(rows);
    throw new OpalineError('BYTES_INVALID', {
      what: 'a rows reply',
      reason: 'it does not fit the query',
    });
  });
  const { columns } = table.schema;
  const part = entry.records.id;
  using key = new PreparedKey(table.segmentKeys(entry.id).records);
  const found: number[] = [];
  for (let from = 0; from < candidates.length; from += BATCH) {
    const rows = Uint32Array.from(candidates.slice(from, from + BATCH));
    const sealed = await link.fetch({ table: table.id, part, rows });
    rows.forEach((row, i) => {
      const cells = inPart(part, () =>
        openRecord(key, entry.id, row, sealed[i] ?? new Uint8Array(0), columns),
      );
      const cell = cells[column];
      if (typeof cell === 'string' && matchesLike(pattern, cell)) found.push(row);
    });
  }
  return Uint32Array.from(new Set(found)).sort();
}
