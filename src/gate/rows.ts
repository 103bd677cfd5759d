import { OpalineError } from '../errors/opaline-error.ts';
import { segmentKey } from '../keys/secret.ts';
import type { Fragment, SegmentFragment } from '../plan/fragment.ts';
import { decodeRowsReply, encodeFragment } from '../plan/fragment-codec.ts';
import type { SelectPlan } from '../plan/physical.ts';
import type { SetPredicate } from '../plan/set-predicate.ts';
import type { CallOptions, StoreLink } from '../store/link.ts';
import { openRecord } from '../table/sealed-record.ts';
import type { Value } from '../table/value.ts';
import type { OpenTable } from './open-table.ts';
import { IndexUses } from './index-uses.ts';
import { NodeCompiler } from './row-nodes.ts';

export interface PreparedRows {
  readonly fragment: Fragment;
  readonly uses: IndexUses;
}

/** Make the tokens of a row-retrieval plan. */
export async function prepareRows(
  plan: SelectPlan,
  filter: SetPredicate,
  table: OpenTable,
  link: StoreLink,
): Promise<PreparedRows> {
  const uses = new IndexUses();
  const segments: SegmentFragment[] = [];
  for (const entry of table.manifest.segments) {
    const compiler = new NodeCompiler(table, link, entry, await table.meta(entry), uses);
    const node = await compiler.predicate(filter);
    const { nodes } = compiler;
    segments.push({ segment: entry.id, nodes, filter: node, groups: [], counts: [], sums: [] });
  }
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

/** Find the rows, fetch their sealed records and open them: cells of `plan.columns`. */
export async function executeRows(
  plan: SelectPlan,
  { fragment }: PreparedRows,
  table: OpenTable,
  link: StoreLink,
  options: CallOptions,
): Promise<Value[][]> {
  if (fragment.segments.length === 0) return [];
  const reply = decodeRowsReply(await link.aggregate(encodeFragment(fragment), options));
  const columns = plan.columns.map((name) => table.columnIndex(name));
  const out: Value[][] = [];
  for (const { segment, rows } of reply.segments) {
    const entry = table.manifest.segments.find(({ id }) => id === segment);
    if (entry === undefined || rows.some((row) => row >= entry.rows)) {
      throw new OpalineError('BYTES_INVALID', {
        what: 'a rows reply',
        reason: 'it does not fit the query',
      });
    }
    if (rows.length === 0) continue;
    const part = entry.records.id;
    const sealed = await link.fetch({ table: table.id, part, rows }, options);
    const key = segmentKey(table.keys.records, segment);
    rows.forEach((row, i) => {
      const cells = open(part, () =>
        openRecord(key, segment, row, sealed[i] ?? new Uint8Array(0), table.schema.columns),
      );
      out.push(columns.map((column) => cells[column] ?? null));
    });
  }
  return out;
}

function open(part: string, run: () => Value[]): Value[] {
  try {
    return run();
  } catch (error) {
    if (error instanceof OpalineError && error.code === 'BYTES_INVALID') {
      throw new OpalineError('PART_CORRUPT', { part, reason: 'a record does not open' });
    }
    throw error;
  }
}
