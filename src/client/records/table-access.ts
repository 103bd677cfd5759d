import { randomId } from '../../bytes/random.ts';
import type { Gate } from '../../gate/gate.ts';
import type { CallOptions, StoreLink } from '../../store/link.ts';
import type { OpenFolder } from '../local/vault-host.ts';
import { sealedSchema } from '../local/sealed-schema.ts';
import { GrowingSealPool } from '../seal/growing-pool.ts';
import { deleteRows, type Removal } from '../write/remove-rows.ts';
import { replaceRows } from '../write/replace-rows.ts';
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

/** What of a vault its records are made on. */
export interface TableHost {
  readonly gate: Gate;
  readonly link: StoreLink;
  readonly folder: OpenFolder;
  readonly threads: number;
  load(locked: 'locked' | 'unlocked'): Promise<readonly OpenTable[]>;
  settled<T>(run: () => Promise<T>): Promise<T>;
  write<T>(run: () => Promise<T>): Promise<T>;
  /** @throws KEY_MISSING */
  removal(table: OpenTable): Promise<Removal>;
  erase(removal: Removal, found: Located, options: CallOptions): Promise<number>;
}

export function tableAccess(host: TableHost): TableAccess {
  const { gate, link, folder, threads } = host;
  const named = async (
    name: string,
    locked: 'locked' | 'unlocked',
  ): Promise<OpenTable | undefined> =>
    (await host.load(locked)).find(({ schema }) => schema.table === name);
  const call = (signal: AbortSignal | undefined): CallOptions =>
    signal === undefined ? {} : { signal };
  return {
    cursorKey: () => folder.secrets.localKey('cursor'),
    table: (name) => named(name, 'unlocked'),
    lockedTable: (name) => named(name, 'locked'),
    settled: (run) => host.settled(run),
    write: (run) => host.write(run),
    page: (request, table, signal) => gate.page(request, table, call(signal)),
    locate: (filter, table, signal) =>
      gate.locate({ kind: 'delete', table: table.schema.table, filter }, table, call(signal)),
    opened: (filter, found, table, signal) => gate.opened(filter, found, table, call(signal)),
    replace: async (schema, before, found, batch, signal) => {
      const table = before?.id ?? randomId();
      const wrap =
        before === undefined ? await folder.wraps.create(table) : (await host.removal(before)).wrap;
      await using pool = new GrowingSealPool(folder, threads);
      const sealed = before === undefined ? await sealedSchema(folder, schema) : schema;
      const append = { folder, link, pool, table, schema: sealed, before, wrap };
      return await replaceRows(append, found, batch, signal === undefined ? {} : { signal });
    },
    remove: async (table, found, erase, signal) => {
      const removal = await host.removal(table);
      return erase
        ? await host.erase(removal, found, call(signal))
        : await deleteRows(removal, found, call(signal));
    },
  };
}
