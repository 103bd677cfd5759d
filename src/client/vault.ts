import { randomId } from '../bytes/random.ts';
import { isOpalineError, OpalineError } from '../errors/opaline-error.ts';
import type { Custody } from '../gate/custody/custody.ts';
import { Gate } from '../gate/gate.ts';
import type { Speeds } from '../gate/grouping/speeds.ts';
import type { OpenTable, TablePin } from '../gate/open-table.ts';
import { sumParameters } from '../params/presets.ts';
import type { Parameter } from '../plan/parameter.ts';
import type { Located } from '../gate/locate.ts';
import type { StoreLink } from '../store/link.ts';
import { MeteredLink } from '../store/metered-link.ts';
import type { WrappingKey } from '../table/manifest-content.ts';
import { checkAppend } from '../table/schema-check.ts';
import { parseSchema, schemaToJson } from '../table/schema-json.ts';
import type { Schema } from '../table/schema.ts';
import type { Batch } from '../table/value.ts';
import type {
  AnovaRequest,
  AnovaResult,
  CheckOptions,
  CompactOptions,
  CompactReport,
  CreateOptions,
  DeleteOptions,
  DeleteReport,
  Explanation,
  Finding,
  IngestFileOptions,
  IngestOptions,
  IngestReport,
  OpenOptions,
  QueryOptions,
  QueryResult,
  RegressRequest,
  RegressResult,
  RotateOptions,
  RotateReport,
  Row,
  ScoreOptions,
  ScoreRowsOptions,
  TableInfo,
  Vault,
} from './api.ts';
import { deriveColumns } from './ingest/derive.ts';
import type { Source } from './ingest/source.ts';
import type { OpenFolder } from './local/vault-host.ts';
import { KnownTables, type Planner, schemasOf } from './known-tables.ts';
import { GrowingSealPool } from './seal/growing-pool.ts';
import { preload } from './preload.ts';
import { Questions } from './questions.ts';
import type { Records } from './records/api.ts';
import { type TableAccess, tableAccess } from './records/table-access.ts';
import { tableInfo } from './table-info.ts';
import { type Query, queryFrom } from './typed/query.ts';
import type { SchemaLiteral } from './typed/schema.ts';
import { appendRows } from './write/append.ts';
import { compactTable } from './write/compact.ts';
import { deleteRows, eraseRows, type Removal } from './write/remove-rows.ts';
import { type Rotating, rotateTable } from './write/rotate.ts';

/**
 * Make a vault: secret keys in `path`, which must be new or empty; ciphertexts will go to the store.
 * @throws VAULT_EXISTS, PASSPHRASE_WEAK, STORE_UNREACHABLE, STORE_UNAUTHORIZED
 */
export async function createVault(path: string, options: CreateOptions): Promise<Vault> {
  const { createStore, resolveStore } = await addresses();
  const { createFolder } = await folders();
  const store = resolveStore(options.store);
  const token = options.storeToken ?? '';
  await createStore(store, token);
  const folder = await createFolder(path, store, options.passphrase, token);
  return await attach(folder, options);
}

/** @throws VAULT_NOT_FOUND, PASSPHRASE_WRONG, VAULT_CORRUPT, STORE_NOT_FOUND */
export async function openVault(path: string, options: OpenOptions): Promise<Vault> {
  void preload();
  const { openFolder } = await folders();
  return await attach(await openFolder(path, options.passphrase), options);
}

/** `openVault` with a link of another's making around that to the store: measuring records what crosses it. */
export async function openVaultThrough(
  path: string,
  options: OpenOptions,
  wrap: (link: StoreLink) => StoreLink,
): Promise<Vault> {
  const { openFolder } = await folders();
  return await attach(await openFolder(path, options.passphrase), options, wrap);
}

async function attach(
  folder: OpenFolder,
  { store, storeToken, threads }: Pick<OpenOptions, 'store' | 'storeToken' | 'threads'>,
  wrap: (link: StoreLink) => StoreLink = (link) => link,
): Promise<Vault> {
  const { openStore, resolveStore } = await addresses();
  const width = threads ?? Math.min(8, navigator.hardwareConcurrency);
  const address = store === undefined ? folder.store : resolveStore(store);
  // The saved token is for the saved store: another one is not shown it.
  const saved = address === folder.store ? folder.storeToken : '';
  const link = await openStore(address, storeToken ?? saved, width);
  return new LocalVault(folder, wrap(link), width);
}

/** Node's folders and addresses: a browser's program, which makes its vaults elsewhere, has neither. */
const folders = (): Promise<typeof import('./local/vault-folder.ts')> =>
  import('./local/vault-folder.ts');
const addresses = (): Promise<typeof import('./store-address.ts')> => import('./store-address.ts');

/** A vault over any store link, on any host: tests give it their own. */
export class LocalVault implements Vault {
  readonly path: string;
  readonly store: string;
  private readonly folder: OpenFolder;
  private readonly link: StoreLink;
  private readonly gate: Gate;
  private readonly known: KnownTables;
  private readonly questions: Questions;
  private speeds: Promise<Speeds> | undefined;
  private custodians: Promise<Custody | undefined> | undefined;
  private readonly threads: number;
  /** Settles when the last write begun here has ended. */
  private writing: Promise<unknown> = Promise.resolve();
  /** Writes begun here that have not ended. */
  private writes = 0;

  constructor(folder: OpenFolder, link: StoreLink, threads: number) {
    this.folder = folder;
    this.path = folder.path;
    this.link = link;
    this.store = link.address;
    this.gate = new Gate(
      folder.secrets,
      link,
      () => (this.speeds ??= this.measureSpeeds()),
      () => (this.custodians ??= folder.host.custodians?.(folder.secrets) ?? Promise.resolve(undefined)),
    );
    this.known = new KnownTables(folder, link, (pin) => this.pin(pin));
    this.questions = new Questions(this.gate, this.known);
    this.threads = threads;
  }

  private async measureSpeeds(): Promise<Speeds> {
    const { host, secrets } = this.folder;
    return await host.speeds(await secrets.engine(sumParameters(48)));
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
    return await this.ingestSource(
      await this.folder.host.openSource(file, options.format),
      options,
    );
  }

  /** As `ingestFile`, of a source that is open: a file that a page was given has no path. */
  async ingestSource(source: Source, options: IngestFileOptions = {}): Promise<IngestReport> {
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
    if (append === true) {
      const { tableName } = await import('./ingest/table-name.ts');
      const name = table ?? tableName(source.path);
      const existing = (await this.load()).find((known) => known.schema.table === name);
      if (existing !== undefined) return existing.schema;
    }
    return await source.infer({
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
    return await this.write(async () => {
      const before = (await this.load('locked')).find(
        (table) => table.schema.table === schema.table,
      );
      if (before !== undefined) {
        if (options.append !== true)
          throw new OpalineError('TABLE_EXISTS', { table: schema.table });
        checkAppend(before.schema, schema);
      }
      const { folder } = this;
      const table = before?.id ?? randomId();
      const wrap =
        before === undefined ? await folder.wraps.create(table) : await this.wrapOf(before);
      const link = new MeteredLink(this.link);
      await using pool = new GrowingSealPool(folder, this.threads);
      const { refuseTakenKeys } = await keyChecks();
      const rows = deriveColumns(schema, batches);
      const appended = await appendRows(
        { folder, link, pool, table, schema: before?.schema ?? schema, before, wrap },
        pool.watch(refuseTakenKeys(schema, before, this.access(), rows, options.signal)),
        {
          ...(options.signal && { signal: options.signal }),
          onRows: (rows) => options.onProgress?.(rows, undefined),
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

  async delete(
    sql: string,
    parameters: readonly Parameter[] = [],
    options: DeleteOptions = {},
  ): Promise<DeleteReport> {
    const started = performance.now();
    const { planDelete } = await import('../plan/plan-query.ts');
    return await this.write(async () => {
      const tables = await this.load('locked');
      const plan = await planDelete(sql, parameters, { schemas: schemasOf(tables) });
      const table = tables.find(({ schema }) => schema.table === plan.table)!;
      const removal = await this.removal(table);
      const found = await this.gate.locate(plan, table, options);
      const erase = options.erase === true;
      const epoch = erase
        ? await this.erase(removal, found, options)
        : found.rows === 0
          ? table.manifest.epoch
          : await deleteRows(removal, found, options);
      const ms = performance.now() - started;
      return { table: plan.table, rows: found.rows, erased: erase, epoch, ms };
    });
  }

  private async erase(removal: Removal, found: Located, options: DeleteOptions): Promise<number> {
    const next = await this.folder.wraps.successor(removal.table.id);
    await using pool = new GrowingSealPool(this.folder, this.threads);
    return await eraseRows(removal, next, pool, found, options);
  }

  async compact(table?: string, options: CompactOptions = {}): Promise<readonly CompactReport[]> {
    return await this.write(async () => {
      const chosen = chosenTables(await this.load('locked'), table);
      const reports: CompactReport[] = [];
      for (const one of chosen) reports.push(await this.compactOne(one, options));
      return reports;
    });
  }

  private async compactOne(table: OpenTable, options: CompactOptions): Promise<CompactReport> {
    const started = performance.now();
    await using pool = new GrowingSealPool(this.folder, this.threads);
    const compaction = await compactTable(await this.removal(table), pool, {
      ...(options.signal && { signal: options.signal }),
      onRows: (rows) => options.onProgress?.(rows, table.rows),
    });
    return { table: table.schema.table, ...compaction, ms: performance.now() - started };
  }

  async rotate(table?: string, options: RotateOptions = {}): Promise<readonly RotateReport[]> {
    return await this.write(async () => {
      const wanted = { keys: true, columns: options.columns === true, schema: undefined };
      const reports: RotateReport[] = [];
      for (const one of chosenTables(await this.load('locked'), table)) {
        reports.push(await this.rotateOne(one, wanted, options));
      }
      return reports;
    });
  }

  async reindex(
    schema: unknown,
    options: Omit<RotateOptions, 'columns'> = {},
  ): Promise<RotateReport> {
    const next = parseSchema(schema);
    return await this.write(async () => {
      const [table] = chosenTables(await this.load('locked'), next.table);
      const { wantedFor } = await import('./write/reindex.ts');
      const call = options.signal === undefined ? {} : { signal: options.signal };
      const wanted = await wantedFor(table!, next, this.link, call);
      return await this.rotateOne(table!, wanted, options);
    });
  }

  /** All of one table's segments, once or, where a schema leaves out what it had, twice. */
  private async rotateOne(
    first: OpenTable,
    wanted: Rotating | undefined,
    { signal, onProgress, stepRows }: RotateOptions,
  ): Promise<RotateReport> {
    const started = performance.now();
    const { table: name } = first.schema;
    let report = { segments: 0, rows: 0, resumed: false, epoch: first.manifest.epoch };
    await using pool = new GrowingSealPool(this.folder, this.threads);
    for (let table = first, wants = wanted; wants !== undefined;) {
      pool.expect(table.segmentRows);
      const total = table.rows;
      const { again, ...done } = await rotateTable(await this.removal(table), wants, pool, {
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
      table = (await this.load('locked')).find(({ id }) => id === first.id)!;
      wants = table.pending;
    }
    return { table: name, ...report, ms: performance.now() - started };
  }

  async query(
    sql: string,
    parameters: readonly Parameter[] = [],
    options: QueryOptions = {},
  ): Promise<QueryResult> {
    return await this.answer(await this.questions.planner(sql, parameters), options);
  }

  regress(request: RegressRequest, options: QueryOptions = {}): Promise<RegressResult> {
    return this.questions.regress(request, options);
  }

  anova(request: AnovaRequest, options: QueryOptions = {}): Promise<AnovaResult> {
    return this.questions.anova(request, options);
  }

  score(options: ScoreOptions): Promise<QueryResult> {
    return this.questions.score(options);
  }

  from<const S extends SchemaLiteral>(schema: S): Query<S> {
    return queryFrom(this, schema);
  }

  async records<const S extends SchemaLiteral>(schema: S): Promise<Records<S>> {
    const { TableRecords } = await import('./records/records.ts');
    return await TableRecords.open(schema, this.access());
  }

  private access(): TableAccess {
    return tableAccess({
      gate: this.gate,
      link: this.link,
      folder: this.folder,
      threads: this.threads,
      load: (locked) => this.load(locked),
      settled: (run) => this.known.untilSettled(run),
      write: (run) => this.write(run),
      removal: (table) => this.removal(table),
      erase: (removal, found, options) => this.erase(removal, found, options),
    });
  }

  /** Plan on the tables as they are, and release the answer to the owner. */
  answer(planner: Planner, options: QueryOptions): Promise<QueryResult> {
    return this.questions.answer(planner, options);
  }

  scoreRows(options: ScoreRowsOptions): Promise<QueryResult> {
    return this.questions.scoreRows(options);
  }

  explainScoreRows(options: ScoreRowsOptions): Promise<Explanation> {
    return this.questions.explainScoreRows(options);
  }

  async explain(sql: string, parameters: readonly Parameter[] = []): Promise<Explanation> {
    return await this.explainPlan(await this.questions.planner(sql, parameters));
  }

  explainPlan(planner: Planner): Promise<Explanation> {
    return this.questions.explain(planner);
  }

  async tables(): Promise<readonly TableInfo[]> {
    const tables = await this.load();
    return await Promise.all(
      tables.map(async (table) => tableInfo(table, await this.link.parts(table.id))),
    );
  }

  async check(options: CheckOptions = {}): Promise<readonly Finding[]> {
    const { checkTables } = await import('./check.ts');
    const { folder, link } = this;
    if (options.repair !== true) return await checkTables(folder, link, await this.load(), options);
    return await this.write(async () =>
      checkTables(folder, link, await this.load('locked'), options),
    );
  }

  async close(): Promise<void> {
    await this.writing;
    await this.link[Symbol.asyncDispose]();
    await this.folder.secrets.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Run a write: one at a time here, and no other process' beside it. */
  private async write<T>(run: () => Promise<T>): Promise<T> {
    this.writes++;
    const turn = this.writing.then(async () => {
      try {
        await using _lock = await this.folder.host.lock();
        return await run();
      } finally {
        this.writes--;
      }
    });
    this.writing = turn.catch(() => undefined);
    return await turn;
  }

  /**
   * Remember an epoch that a reader saw. Its writer pins it before giving the lock back; only after one
   * that died is it left to a reader, who is not to stand in another writer's way for less.
   */
  private async pin(pin: TablePin): Promise<void> {
    const { pins } = this.folder;
    if (this.writes > 0 || (await this.folder.host.isLocked())) return pins.remember(pin);
    await pins.refresh();
    if (!pins.isNewer(pin)) return;
    try {
      await this.write(() => pins.advance(pin));
    } catch (error) {
      if (!isOpalineError(error, 'VAULT_LOCKED') && !isOpalineError(error, 'STORE_IO')) throw error;
      pins.remember(pin);
    }
  }

  private async removal(table: OpenTable): Promise<Removal> {
    const { folder, link } = this;
    return { folder, link, table, wrap: await this.wrapOf(table) };
  }

  /** The key that wraps the table's roots. @throws KEY_MISSING */
  private async wrapOf({ id, wrap, schema }: OpenTable): Promise<WrappingKey> {
    const key = await this.folder.wraps.find(id, wrap);
    if (key === undefined)
      throw new OpalineError('KEY_MISSING', { what: `table "${schema.table}"` });
    return { id: wrap, key };
  }

  /** The vault's tables at their newest epoch, verified against the pins. */
  private load(locked: 'locked' | 'unlocked' = 'unlocked'): Promise<OpenTable[]> {
    return this.known.load(locked);
  }
}

/** Not within a function that has `await using`: tsc would not rewrite the import there. */
const keyChecks = (): Promise<typeof import('./write/unique-keys.ts')> =>
  import('./write/unique-keys.ts');

/** The table of that name, or all. @throws UNKNOWN_TABLE */
function chosenTables(tables: readonly OpenTable[], table: string | undefined): OpenTable[] {
  const chosen = tables.filter(({ schema }) => table === undefined || schema.table === table);
  if (table !== undefined && chosen.length === 0) {
    const known = tables.map(({ schema }) => schema.table);
    throw new OpalineError('UNKNOWN_TABLE', { table, known });
  }
  return chosen;
}
