import type { OpenTable } from '../../gate/open-table.ts';
import { parseSchema } from '../../table/schema-json.ts';
import type { RotateOptions, RotateReport } from '../api.ts';
import { sealedSchema } from '../local/sealed-schema.ts';
import { GrowingSealPool } from '../seal/growing-pool.ts';
import { wantedFor } from '../write/reindex.ts';
import { type Rotating, rotateTable } from '../write/rotate.ts';
import { type ChangeHost, chosenTables, removalOf } from './host.ts';

/** Give every segment of one table, or of all, new keys. @throws UNKNOWN_TABLE */
export async function rotateTables(
  host: ChangeHost,
  table: string | undefined,
  options: RotateOptions,
): Promise<readonly RotateReport[]> {
  return await host.write(async () => {
    const wanted = { keys: true, columns: options.columns === true, schema: undefined };
    const reports: RotateReport[] = [];
    for (const one of chosenTables(await host.known.load('locked'), table)) {
      reports.push(await rotateOne(host, one, wanted, options));
    }
    return reports;
  });
}

/** Change a table's indexes, pairs, private groups and layout to those of a schema. @throws UNKNOWN_TABLE */
export async function reindexTable(
  host: ChangeHost,
  schema: unknown,
  options: Omit<RotateOptions, 'columns'>,
): Promise<RotateReport> {
  const given = parseSchema(schema);
  return await host.write(async () => {
    const next = await sealedSchema(host.folder, given);
    const [table] = chosenTables(await host.known.load('locked'), next.table);
    const call = options.signal === undefined ? {} : { signal: options.signal };
    const wanted = await wantedFor(table!, next, host.link, call);
    return await rotateOne(host, table!, wanted, options);
  });
}

/** All of one table's segments, once or, where a schema leaves out what it had, twice. */
async function rotateOne(
  host: ChangeHost,
  first: OpenTable,
  wanted: Rotating | undefined,
  { signal, onProgress, stepRows }: RotateOptions,
): Promise<RotateReport> {
  const started = performance.now();
  const { table: name } = first.schema;
  let report = { segments: 0, rows: 0, resumed: false, epoch: first.manifest.epoch };
  await using pool = new GrowingSealPool(host.folder, host.threads);
  for (let table = first, wants = wanted; wants !== undefined;) {
    pool.expect(table.segmentRows);
    const total = table.rows;
    const { again, ...done } = await rotateTable(await removalOf(host, table), wants, pool, {
      ...(signal && { signal }),
      ...(stepRows === undefined ? {} : { stepRows }),
      onRows: (rows) => onProgress?.(rows, total),
    });
    const { segments, rows, resumed } = report;
    report = {
      segments: segments + done.segments,
      rows: rows + done.rows,
      resumed: resumed || (wants === wanted && done.resumed),
      epoch: done.epoch,
    };
    if (!again) break;
    table = (await host.known.load('locked')).find(({ id }) => id === first.id)!;
    wants = table.pending;
  }
  return { table: name, ...report, ms: performance.now() - started };
}
