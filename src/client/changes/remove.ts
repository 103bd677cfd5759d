import type { OpenTable } from '../../gate/open-table.ts';
import type { Parameter } from '../../plan/parameter.ts';
import { planDelete } from '../../plan/plan-query.ts';
import type { CompactOptions, CompactReport, DeleteOptions, DeleteReport } from '../api.ts';
import { schemasOf } from '../known-tables.ts';
import { GrowingSealPool } from '../seal/growing-pool.ts';
import { compactTable } from '../write/compact.ts';
import { deleteRows } from '../write/remove-rows.ts';
import { type ChangeHost, chosenTables, eraseFound, removalOf } from './host.ts';

/** Run a DELETE: its rows are hidden or, where the options say so, erased. */
export async function deleteWhere(
  host: ChangeHost,
  sql: string,
  parameters: readonly Parameter[],
  options: DeleteOptions,
): Promise<DeleteReport> {
  const started = performance.now();
  return await host.write(async () => {
    const tables = await host.known.load('locked');
    const plan = await planDelete(sql, parameters, { schemas: schemasOf(tables) });
    const table = tables.find(({ schema }) => schema.table === plan.table)!;
    const removal = await removalOf(host, table);
    const found = await host.gate.locate(plan, table, options);
    const erase = options.erase === true;
    const epoch = erase
      ? await eraseFound(host, removal, found, options)
      : found.rows === 0
        ? table.manifest.epoch
        : await deleteRows(removal, found, options);
    const ms = performance.now() - started;
    return { table: plan.table, rows: found.rows, erased: erase, epoch, ms };
  });
}

/** Merge what is small or worn of one table, or of all. @throws UNKNOWN_TABLE */
export async function compactTables(
  host: ChangeHost,
  table: string | undefined,
  options: CompactOptions,
): Promise<readonly CompactReport[]> {
  return await host.write(async () => {
    const chosen = chosenTables(await host.known.load('locked'), table);
    const reports: CompactReport[] = [];
    for (const one of chosen) reports.push(await compactOne(host, one, options));
    return reports;
  });
}

async function compactOne(
  host: ChangeHost,
  table: OpenTable,
  options: CompactOptions,
): Promise<CompactReport> {
  const started = performance.now();
  await using pool = new GrowingSealPool(host.folder, host.threads);
  const compaction = await compactTable(await removalOf(host, table), pool, {
    ...(options.signal && { signal: options.signal }),
    onRows: (rows) => options.onProgress?.(rows, table.rows),
  });
  return { table: table.schema.table, ...compaction, ms: performance.now() - started };
}
