import { randomId } from '../../bytes/random.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { MeteredLink } from '../../store/metered-link.ts';
import { checkAppend } from '../../table/schema-check.ts';
import { parseSchema, schemaToJson } from '../../table/schema-json.ts';
import type { Schema } from '../../table/schema.ts';
import type { Batch } from '../../table/value.ts';
import type { IngestFileOptions, IngestOptions, IngestReport, Row } from '../api.ts';
import { isUnderPolicy } from '../governance/under-policy.ts';
import { deriveColumns } from '../ingest/derive.ts';
import { batchesFromRows } from '../ingest/rows.ts';
import type { Source } from '../ingest/source.ts';
import { tableName } from '../ingest/table-name.ts';
import { sealedSchema } from '../local/sealed-schema.ts';
import { GrowingSealPool } from '../seal/growing-pool.ts';
import { appendRows } from '../write/append.ts';
import { refuseTakenKeys } from '../write/unique-keys.ts';
import { accessOf, type ChangeHost, wrapOf } from './host.ts';

/** Encrypt rows into a table, which is made or, where the options say so, appended to. */
export async function ingestRows(
  host: ChangeHost,
  schema: unknown,
  rows: Iterable<Row> | AsyncIterable<Row>,
  options: IngestOptions,
): Promise<IngestReport> {
  const checked = parseSchema(schema);
  // Whether each row is an object of cells is checked as it is read.
  const objects = rows as AsyncIterable<Readonly<Record<string, unknown>>>;
  const signal = options.signal && { signal: options.signal };
  return await ingestBatches(host, checked, batchesFromRows(checked, objects, signal), options);
}

/** As `ingestRows`, of a source that is open. */
export async function ingestSource(
  host: ChangeHost,
  source: Source,
  options: IngestFileOptions,
): Promise<IngestReport> {
  const schema = await schemaFor(host, source, options);
  const signal = options.signal && { signal: options.signal };
  // Rows are stored well after they are read: the share is that of the stored ones.
  let stored = 0;
  let read = { rows: 0, share: 0 };
  const report = (): void => {
    options.onProgress?.(stored, read.rows === 0 ? 0 : (read.share * stored) / read.rows);
  };
  const batches = source.batches(schema, {
    ...signal,
    onProgress: (rows, share) => {
      read = { rows, share: share ?? read.share };
      report();
    },
  });
  const onProgress = (rows: number): void => {
    stored = rows;
    report();
  };
  return await ingestBatches(host, schema, batches, { ...options, onProgress });
}

/** The schema given; else, of an append, the table's own; else what the file suggests. */
async function schemaFor(
  { known }: ChangeHost,
  source: Source,
  options: IngestFileOptions,
): Promise<Schema> {
  const { table, schema, append } = options;
  if (schema !== undefined) {
    const given = parseSchema(schema);
    return table === undefined ? given : parseSchema({ ...(schemaToJson(given) as object), table });
  }
  if (append === true) {
    const name = table ?? tableName(source.path);
    const existing = (await known.load()).find((one) => one.schema.table === name);
    if (existing !== undefined) return existing.schema;
  }
  return await source.infer({
    table,
    ...(options.signal && { signal: options.signal }),
    onProgress: () => options.onProgress?.(0, 0),
  });
}

async function ingestBatches(
  host: ChangeHost,
  schema: Schema,
  batches: AsyncIterable<Batch>,
  options: IngestOptions,
): Promise<IngestReport> {
  const started = performance.now();
  const { folder, known, threads } = host;
  return await host.write(async () => {
    const tables = await known.load('locked');
    const before = tables.find((table) => table.schema.table === schema.table);
    if (before !== undefined) {
      if (options.append !== true) throw new OpalineError('TABLE_EXISTS', { table: schema.table });
      checkAppend(before.schema, schema);
    }
    const table = before?.id ?? randomId();
    const wrap =
      before === undefined ? await folder.wraps.create(table) : await wrapOf(host, before);
    const link = new MeteredLink(host.link);
    await using pool = new GrowingSealPool(folder, threads);
    const rows = await collected(host, schema, deriveColumns(schema, batches));
    const asked = before?.schema ?? (await sealedSchema(folder, schema));
    const appended = await appendRows(
      { folder, link, pool, table, schema: asked, before, wrap },
      pool.watch(refuseTakenKeys(schema, before, accessOf(host), rows, options.signal)),
      {
        ...(options.signal && { signal: options.signal }),
        onRows: (count) => options.onProgress?.(count, undefined),
      },
    );
    return {
      table: schema.table,
      ...appended,
      bytesUp: link.traffic.bytesUp,
      ms: performance.now() - started,
    };
  });
}

/** Under a policy only what a purpose needs, of subjects who were notified. @throws NOT_COLLECTED as it is read */
async function collected(
  host: ChangeHost,
  schema: Schema,
  batches: AsyncIterable<Batch>,
): Promise<AsyncIterable<Batch>> {
  const { governance } = host.folder.host;
  if (governance === undefined || !(await isUnderPolicy(host.folder))) return batches;
  const { collectable } = await import('../governance/collection.ts');
  const opened = await governance.open(host);
  const { document } = await opened.policy.read();
  const expired = await opened.expiredProcessor(Date.now());
  const notified = (purposes: ReadonlySet<string>): Promise<ReadonlySet<string>> =>
    opened.consent.notified(purposes);
  return collectable(schema, batches, { policy: document, expired, notified });
}
