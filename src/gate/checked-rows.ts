import { PreparedKey } from '../bytes/aead.ts';
import { OpalineError } from '../errors/opaline-error.ts';
import { evaluatePredicate } from '../plan/interpret.ts';
import type { Predicate } from '../plan/physical.ts';
import type { CallOptions, StoreLink } from '../store/link.ts';
import type { SegmentEntry } from '../table/manifest.ts';
import { openRecord } from '../table/sealed-record.ts';
import type { Value } from '../table/value.ts';
import type { Located } from './locate.ts';
import type { OpenTable } from './open-table.ts';
import { inPart } from './sealed-rows.ts';

/** Records fetched and opened at a time. */
const STEP = 1024;

/**
 * Fetch and open rows of a segment that the store says a condition selects, every column, and check that it
 * does: a store may hide rows, but it shows no row that does not match, none that was deleted, and none twice.
 * @throws BYTES_INVALID where it does, PART_MISSING, PART_CORRUPT
 */
export async function openMatching(
  filter: Predicate,
  entry: SegmentEntry,
  rows: Uint32Array,
  table: OpenTable,
  link: StoreLink,
  options: CallOptions,
): Promise<Value[][]> {
  if (rows.length === 0) return [];
  const gone = await table.deletedRows(entry);
  const ascends = rows.every((row, i) => i === 0 || row > rows[i - 1]!);
  if (!ascends || rows.some((row) => gone.has(row))) throw unfit();
  using key = new PreparedKey(table.segmentKeys(entry.id).records);
  const part = entry.records.id;
  const { schema } = table;
  const sealed = await link.fetch({ table: table.id, part, rows }, options);
  return Array.from(rows, (row, i) => {
    const bytes = sealed[i] ?? new Uint8Array(0);
    const cells = inPart(part, () => openRecord(key, entry.id, row, bytes, schema.columns));
    if (evaluatePredicate(filter, schema, cells) !== true) throw unfit();
    return cells;
  });
}

/** Every row that was located, opened and checked as by `openMatching`, those of the delta last. */
export async function* openLocated(
  filter: Predicate,
  found: Located,
  table: OpenTable,
  link: StoreLink,
  options: CallOptions,
): AsyncGenerator<readonly Value[], void, undefined> {
  for (const { entry, rows } of found.segments) {
    for (let at = 0; at < rows.length; at += STEP) {
      const some = rows.slice(at, at + STEP);
      yield* await openMatching(filter, entry, some, table, link, options);
    }
  }
  const delta = await table.deltaRows();
  for (const position of found.delta) yield delta[position]!;
}

function unfit(): OpalineError {
  return new OpalineError('BYTES_INVALID', {
    what: 'a rows reply',
    reason: 'it names rows that the query does not select',
  });
}
