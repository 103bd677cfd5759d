import { availableParallelism } from 'node:os';
import { randomId } from '../bytes/random.ts';
import { OpalineError } from '../errors/opaline-error.ts';
import { Gate } from '../gate/gate.ts';
import { OpenTable, sealManifestContent } from '../gate/open-table.ts';
import { sumParameters } from '../params/presets.ts';
import type { Parameter } from '../plan/parameter.ts';
import type { Plan } from '../plan/physical.ts';
import type { StoreLink } from '../store/link.ts';
import { MeteredLink } from '../store/metered-link.ts';
import { signManifest } from '../table/manifest.ts';
import { checkAppend } from '../table/schema-check.ts';
import { parseSchema, schemaToJson } from '../table/schema-json.ts';
import type { Schema } from '../table/schema.ts';
import type { Batch } from '../table/value.ts';
import type {
  CreateOptions,
  Explanation,
  IngestFileOptions,
  IngestOptions,
  IngestReport,
  OpenOptions,
  QueryOptions,
  QueryResult,
  Row,
  TableInfo,
  Vault,
} from './api.ts';
import { explainPlan } from './explain.ts';
import type { Source } from './ingest/file.ts';
import { createFolder, openFolder, type OpenFolder } from './local/vault-folder.ts';
import { inlineSealPool } from './seal/pool.inline.ts';
import type { SealPool } from './seal/pool.ts';
import { createStore, openStore, resolveStore } from './store-address.ts';
import { tableInfo } from './table-info.ts';
import { uploadSegments } from './upload.ts';

/** An ingest is given threads only once it is known to have this many rows. */
const SEAL_THREADS_FROM_ROWS = 50_000;

/**
 * Make a vault: secret keys in `path`, which must be new or empty; ciphertexts will go to the store.
 * @throws VAULT_EXISTS, PASSPHRASE_WEAK, NOT_YET_AVAILABLE for kinds of stores of later versions
 */
export async function createVault(path: string, options: CreateOptions): Promise<Vault> {
  const store = resolveStore(options.store);
  await createStore(store);
  const folder = await createFolder(path, store, options.passphrase);
  return await attach(folder, store, options.threads);
}

/** @throws VAULT_NOT_FOUND, PASSPHRASE_WRONG, VAULT_CORRUPT, STORE_NOT_FOUND */
export async function openVault(path: string, options: OpenOptions): Promise<Vault> {
  const folder = await openFolder(path, options.passphrase);
  return await attach(folder, options.store ?? folder.store, options.threads);
}

async function attach(folder: OpenFolder, store: string, threads?: number): Promise<Vault> {
  const width = threads ?? Math.min(8, availableParallelism());
  return new LocalVault(folder, await openStore(store, width), width);
}

/** A vault over any store link: tests give it their own. */
export class LocalVault implements Vault {
  readonly path: string;
  readonly store: string;
  private readonly folder: OpenFolder;
  private readonly link: StoreLink;
  private readonly gate: Gate;
  private readonly threads: number;
  private readonly opened = new Map<string, OpenTable>();

  constructor(folder: OpenFolder, link: StoreLink, threads: number) {
    this.folder = folder;
    this.path = folder.path;
    this.link = link;
    this.store = link.address;
    this.gate = new Gate(folder.secrets, link);
    this.threads = threads;
  }

  async ingest(
    schema: unknown,
    rows: Iterable<Row> | AsyncIterable<Row>,
    options: IngestOptions = {},
  ): Promise<IngestReport> {
    const checked = parseSchema(schema);
    const { batchesFromRows } = await import('./ingest/rows.ts');
    // Whether each row is an object of cells is checked as it is read.
    const objects = rows as AsyncIterable<Readonly<Record<string, unknown>>>;
    const signal = options.signal && { signal: options.signal };
    const batches = batchesFromRows(checked, objects, signal);
    return await this.ingestBatches(checked, batches, options);
  }

  async ingestFile(file: string, options: IngestFileOptions = {}): Promise<IngestReport> {
    const { openSource } = await import('./ingest/file.ts');
    const source = await openSource(file, options.format);
    const schema = await this.schemaFor(source, options);
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
    return await this.ingestBatches(schema, batches, { ...options, onProgress });
  }

  /** The schema given; else, of an append, the table's own; else what the file suggests. */
  private async schemaFor(source: Source, options: IngestFileOptions): Promise<Schema> {
    const { table, schema, append } = options;
    if (schema !== undefined) {
      const given = parseSchema(schema);
      return table === undefined
        ? given
        : parseSchema({ ...(schemaToJson(given) as object), table });
    }
    const { inferSchema } = await import('./ingest/file.ts');
    if (append === true) {
      const { tableName } = await import('./ingest/infer.ts');
      const name = table ?? tableName(source.path);
      const existing = (await this.load()).find((known) => known.schema.table === name);
      if (existing !== undefined) return existing.schema;
    }
    return await inferSchema(source, {
      table,
      ...(options.signal && { signal: options.signal }),
      onProgress: () => options.onProgress?.(0, 0),
    });
  }

  private async ingestBatches(
    schema: Schema,
    batches: AsyncIterable<Batch>,
    options: IngestOptions,
  ): Promise<IngestReport> {
    const started = performance.now();
    const existing = (await this.load()).find((table) => table.schema.table === schema.table);
    if (existing !== undefined) {
      if (options.append !== true) throw new OpalineError('TABLE_EXISTS', { table: schema.table });
      checkAppend(existing.schema, schema);
    }
    const table = existing?.id ?? randomId();
    const keys = this.folder.secrets.tableKeys(table);
    const link = new MeteredLink(this.link);
    await using pool = new GrowingSealPool(this.folder, this.threads);
    const upload = await uploadSegments(pool.watch(batches), schema, table, keys, pool, link, {
      ...(options.signal && { signal: options.signal }),
      onRows: (rows) => options.onProgress?.(rows, undefined),
    });
    const before = existing?.manifest;
    const epoch = (before?.epoch ?? 0) + 1;
    const stored = existing?.schema ?? schema;
    const manifest = signManifest(
      {
        table,
        epoch,
        owner: this.folder.secrets.publicKey,
        segments: [
          ...(before?.segments ?? []),
          ...upload.segments.map((segment) => ({ ...segment, birthEpoch: epoch })),
        ],
        sealed: sealManifestContent(keys, table, stored),
      },
      this.folder.secrets.signing,
    );
    await link.publish(table, epoch - 1, manifest);
    await this.load();
    return {
      table: schema.table,
      rows: upload.rows,
      segments: upload.segments.length,
      epoch,
      bytesUp: link.traffic.bytesUp,
      ms: performance.now() - started,
    };
  }

  async query(
    sql: string,
    parameters: readonly Parameter[] = [],
    options: QueryOptions = {},
  ): Promise<QueryResult> {
    const started = performance.now();
    const { plan, table } = await this.plan(sql, parameters);
    const release = await this.gate.release(plan, table, {
      ...(options.signal && { signal: options.signal }),
      ...(options.onProgress && { onProgress: options.onProgress }),
    });
    const { result, leakage, rowsMatched, bytesUp, bytesDown, rounds, bound } = release;
    return {
      ...result,
      leakage,
      stats: {
        ms: performance.now() - started,
        rowsMatched,
        bytesUp,
        bytesDown,
        rounds,
        bound,
        error: null,
      },
    };
  }

  async explain(sql: string, parameters: readonly Parameter[] = []): Promise<Explanation> {
    const { plan, table } = await this.plan(sql, parameters);
    return explainPlan(plan, table, await this.gate.preview(plan, table), sumParameters(48));
  }

  async tables(): Promise<readonly TableInfo[]> {
    const tables = await this.load();
    return await Promise.all(tables.map((table) => tableInfo(table)));
  }

  async close(): Promise<void> {
    await this.link[Symbol.asyncDispose]();
    await this.folder.secrets.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private async plan(
    sql: string,
    parameters: readonly Parameter[],
  ): Promise<{ plan: Plan; table: OpenTable }> {
    const [tables, { planQuery }] = await Promise.all([
      this.load(),
      import('../plan/plan-query.ts'),
    ]);
    const schemas = new Map(tables.map(({ schema }) => [schema.table, schema]));
    const plan = await planQuery(sql, parameters, { schemas });
    return { plan, table: tables.find(({ schema }) => schema.table === plan.table)! };
  }

  /** The vault's tables at their newest epoch, verified against the pins. */
  private async load(): Promise<OpenTable[]> {
    const ids = new Set([...(await this.link.tables()), ...this.folder.pins.tables()]);
    const tables: OpenTable[] = [];
    for (const id of ids) {
      const pin = this.folder.pins.get(id);
      const known = this.opened.get(id);
      const table = await OpenTable.load(this.link, this.folder.secrets, id, pin, known);
      if (table === undefined) continue;
      await this.folder.pins.advance(table.pin);
      this.opened.set(id, table);
      tables.push(table);
    }
    return tables.sort((a, b) => (a.schema.table < b.schema.table ? -1 : 1));
  }
}

/** Seals in this thread until the input turns out to be large, then on threads. */
class GrowingSealPool implements SealPool {
  private readonly folder: OpenFolder;
  private readonly threads: number;
  private readonly inline: SealPool;
  private threaded: Promise<SealPool> | undefined;
  private seen = 0;

  constructor(folder: OpenFolder, threads: number) {
    this.folder = folder;
    this.threads = threads;
    this.inline = inlineSealPool(() => folder.secrets.engine(sumParameters(48)));
  }

  get width(): number {
    return Math.max(1, this.threads);
  }

  async *watch(batches: AsyncIterable<Batch>): AsyncGenerator<Batch> {
    for await (const batch of batches) {
      this.seen += batch.rows;
      yield batch;
    }
  }

  async seal(...[task, signal]: Parameters<SealPool['seal']>): ReturnType<SealPool['seal']> {
    if (this.threads === 0 || this.seen < SEAL_THREADS_FROM_ROWS) {
      return await this.inline.seal(task, signal);
    }
    this.threaded ??= import('./seal/pool.node.ts').then(({ threadSealPool }) =>
      threadSealPool(this.folder.secrets.ring, this.threads),
    );
    return await (await this.threaded).seal(task, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.threaded)?.[Symbol.asyncDispose]();
  }
}
