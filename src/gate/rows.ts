import { PreparedKey } from '../bytes/aead.ts';
import { OpalineError } from '../errors/opaline-error.ts';
import type { Fragment, SegmentFragment } from '../plan/fragment.ts';
import { decodeRowsReply, encodeFragment } from '../plan/fragment-codec.ts';
import type { SelectPlan } from '../plan/physical.ts';
import type { SetPredicate } from '../plan/set-predicate.ts';
import type { CallOptions, StoreLink } from '../store/link.ts';
import type { SegmentEntry } from '../table/manifest.ts';
import { openRecord } from '../table/sealed-record.ts';
import type { Value } from '../table/value.ts';
import { eachSegment } from './each-segment.ts';
import type { OpenTable } from './open-table.ts';
import { IndexUses } from './index-uses.ts';
import { NodeCompiler } from './row-nodes.ts';
import { inPart } from './sealed-rows.ts';

export interface PreparedRows {
  readonly fragment: Fragment;
  readonly uses: IndexUses;
}

/** Make the tokens of a row-retrieval plan, over all segments or some. */
export async function prepareRows(
  plan: Pick<SelectPlan, 'orderBy' | 'limit' | 'offset'>,
  filter: SetPredicate,
  table: OpenTable,
  link: StoreLink,
  entries: readonly SegmentEntry[] = table.manifest.segments,
): Promise<PreparedRows> {
  const uses = new IndexUses();
  const segments = await eachSegment(entries, async (entry) => {
    const compiler = new NodeCompiler(table, link, entry, await table.meta(entry), uses);
    const node = await compiler.predicate(filter);
    const { nodes } = compiler;
    const share: SegmentFragment = {
      segment: entry.id,
      nodes,
      filter: node,
      groups: [],
      counts: [],
      sums: [],
      tallies: [],
      members: [],
    };
    return share;
  });
  // Without an order any rows will do, so the store need not name more than are asked for.
  const limit =
    plan.limit === undefined || plan.orderBy.length > 0
      ? {}
      : { limit: plan.limit + (plan.offset ?? 0) };
  const fragment: Fragment = {
    version: 1,
    table: table.id,
    epoch: table.manifest.epoch,
    work: { kind: 'rows', ...limit },
    segments,
  };
  return { fragment, uses };
}

/** Where a row-retrieval fragment's rows are: what the store found, checked against the table. */
export async function findRows(
  { fragment }: PreparedRows,
  table: OpenTable,
  link: StoreLink,
  options: CallOptions,
): Promise<{ entry: SegmentEntry; rows: Uint32Array }[]> {
  if (fragment.segments.length === 0) return [];
  const reply = decodeRowsReply(await link.aggregate(encodeFragment(fragment), options));
  return reply.segments.flatMap(({ segment, rows }) => {
    const entry = table.manifest.segments.find(({ id }) => id === segment);
    if (entry === undefined || rows.some((row) => row >= entry.rows)) {
      throw new OpalineError('BYTES_INVALID', {
        what: 'a rows reply',
        reason: 'it does not fit the query',
      });
    }
    return rows.length === 0 ? [] : [{ entry, rows }];
  });
}

/** Find the rows, fetch their sealed records and open them: cells of `plan.columns`. */
export async function executeRows(
  plan: SelectPlan,
  prepared: PreparedRows,
  table: OpenTable,
  link: StoreLink,
  options: CallOptions,
): Promise<Value[][]> {
  const columns = plan.columns.map((name) => table.columnIndex(name));
  const out: Value[][] = [];
  for (const { entry, rows } of await findRows(prepared, table, link, options)) {
    const part = entry.records.id;
    const sealed = await link.fetch({ table: table.id, part, rows }, options);
    using key = new PreparedKey(table.segmentKeys(entry.id).records);
    rows.forEach((row, i) => {
      const cells = inPart(part, () =>
        openRecord(key, entry.id, row, sealed[i] ?? new Uint8Array(0), table.schema.columns),
      );
      out.push(columns.map((column) => cells[column] ?? null));
    });
  }
  return out;
}
