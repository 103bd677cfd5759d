import { OpalineError } from '../../errors/opaline-error.ts';
import type { Gate } from '../../gate/gate.ts';
import type { Located } from '../../gate/locate.ts';
import type { OpenTable } from '../../gate/open-table.ts';
import type { CallOptions, StoreLink } from '../../store/link.ts';
import type { WrappingKey } from '../../table/manifest-content.ts';
import type { KnownTables } from '../known-tables.ts';
import type { OpenFolder } from '../local/vault-host.ts';
import { type TableAccess, tableAccess } from '../records/table-access.ts';
import { GrowingSealPool } from '../seal/growing-pool.ts';
import { eraseRows, type Removal } from '../write/remove-rows.ts';

/** What of a vault its tables are changed with. */
export interface ChangeHost {
  readonly folder: OpenFolder;
  readonly link: StoreLink;
  readonly gate: Gate;
  readonly known: KnownTables;
  readonly threads: number;
  /** Run a write: one at a time here, and no other process' beside it. */
  write<T>(run: () => Promise<T>): Promise<T>;
}

/** What rows of a table are removed with. @throws KEY_MISSING */
export async function removalOf(host: ChangeHost, table: OpenTable): Promise<Removal> {
  const { folder, link } = host;
  return { folder, link, table, wrap: await wrapOf(host, table) };
}

/** The key that wraps the table's roots. @throws KEY_MISSING */
export async function wrapOf(
  { folder }: Pick<ChangeHost, 'folder'>,
  { id, wrap, schema }: OpenTable,
): Promise<WrappingKey> {
  const key = await folder.wraps.find(id, wrap);
  if (key === undefined) throw new OpalineError('KEY_MISSING', { what: `table "${schema.table}"` });
  return { id: wrap, key };
}

/** Erase rows that were located: their segments are made anew. The table's epoch then. */
export async function eraseFound(
  { folder, threads }: ChangeHost,
  removal: Removal,
  found: Located,
  options: CallOptions,
): Promise<number> {
  const next = await folder.wraps.successor(removal.table.id);
  await using pool = new GrowingSealPool(folder, threads);
  return await eraseRows(removal, next, pool, found, options);
}

/** What the records of a vault's tables are read and written by. */
export function accessOf(host: ChangeHost): TableAccess {
  const { gate, link, folder, threads, known } = host;
  return tableAccess({
    gate,
    link,
    folder,
    threads,
    load: (locked) => known.load(locked),
    settled: (run) => known.untilSettled(run),
    write: (run) => host.write(run),
    removal: (table) => removalOf(host, table),
    erase: (removal, found, options) => eraseFound(host, removal, found, options),
  });
}

/** The table of that name, or all. @throws UNKNOWN_TABLE */
export function chosenTables(tables: readonly OpenTable[], table: string | undefined): OpenTable[] {
  const chosen = tables.filter(({ schema }) => table === undefined || schema.table === table);
  if (table !== undefined && chosen.length === 0) {
    const known = tables.map(({ schema }) => schema.table);
    throw new OpalineError('UNKNOWN_TABLE', { table, known });
  }
  return chosen;
}
