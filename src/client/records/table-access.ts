import type { Located } from '../../gate/locate.ts';
import type { OpenTable } from '../../gate/open-table.ts';
import type { Predicate } from '../../plan/physical.ts';
import type { Schema } from '../../table/schema.ts';
import type { Page, PageRequest } from '../../gate/pages.ts';
import type { Batch, Value } from '../../table/value.ts';

/** What the records of a table need of their vault. */
export interface TableAccess {
  /** Key of cursors. */
  cursorKey(): Uint8Array;
  /** The table of that name at its newest epoch; undefined: there is none yet. */
  table(name: string): Promise<OpenTable | undefined>;
  /** The same within a write. */
  lockedTable(name: string): Promise<OpenTable | undefined>;
  /** A read; again where the table moved on meanwhile. */
  settled<T>(run: () => Promise<T>): Promise<T>;
  /** A write: one at a time. */
  write<T>(run: () => Promise<T>): Promise<T>;
  page(request: PageRequest, table: OpenTable, signal?: AbortSignal): Promise<Page>;
  /** The rows that a filter selects, and what is in them, each checked to match. */
  locate(filter: Predicate, table: OpenTable, signal?: AbortSignal): Promise<Located>;
  opened(
    filter: Predicate,
    found: Located,
    table: OpenTable,
    signal?: AbortSignal,
  ): AsyncIterable<readonly Value[]>;
  replace(
    schema: Schema,
    before: OpenTable | undefined,
    found: Located,
    batch: Batch,
    signal?: AbortSignal,
  ): Promise<{ readonly epoch: number }>;
  remove(table: OpenTable, found: Located, erase: boolean, signal?: AbortSignal): Promise<number>;
}
