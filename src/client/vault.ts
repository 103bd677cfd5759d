import type { NoteKey } from '../bytes/note-key.ts';
import { isOpalineError, OpalineError } from '../errors/opaline-error.ts';
import type { Custody } from '../gate/custody/custody.ts';
import { Gate } from '../gate/gate.ts';
import type { Speeds } from '../gate/grouping/speeds.ts';
import type { OpenTable, TablePin } from '../gate/open-table.ts';
import { sumParameters } from '../params/presets.ts';
import type { Parameter } from '../plan/parameter.ts';
import type { StoreLink } from '../store/link.ts';
import type {
  AnovaRequest,
  AnovaResult,
  CheckOptions,
  CompactOptions,
  CompactReport,
  DeleteOptions,
  DeleteReport,
  Explanation,
  Finding,
  IngestFileOptions,
  IngestOptions,
  IngestReport,
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
import type { ChangeHost } from './changes/host.ts';
import type { VaultGovernance } from './governance/governed-vault.ts';
import { isUnderPolicy } from './governance/under-policy.ts';
import type { Source } from './ingest/source.ts';
import { KnownTables, type Planner } from './known-tables.ts';
import type { GovernanceHost, OpenFolder } from './local/vault-host.ts';
import { Questions } from './questions.ts';
import type { Records } from './records/api.ts';
import type { VaultReleases } from './release/vault-releases.ts';
import { tableInfo } from './table-info.ts';
import { type Query, queryFrom } from './typed/query.ts';
import type { SchemaLiteral } from './typed/schema.ts';

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
  private readonly host: ChangeHost;
  /** Settles when the changes begun here have ended; their code is loaded by the first. */
  private changing: Promise<unknown> = Promise.resolve();
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
      () =>
        (this.custodians ??=
          folder.host.custodians?.(folder.secrets) ?? Promise.resolve(undefined)),
    );
    this.known = new KnownTables(folder, link, (pin) => this.pin(pin));
    const allow = (): Promise<void> => this.requireOwnerMode();
    this.questions = new Questions(this.gate, this.known, folder.release, allow);
    const { gate, known } = this;
    const pin = (newest: TablePin): Promise<void> => this.pin(newest);
    this.host = { folder, link, gate, known, threads, pin, write: (run) => this.write(run) };
  }

  /** @throws DENIED in a vault with a policy: its gate answers, to whoever asks */
  private async requireOwnerMode(): Promise<void> {
    if (!(await isUnderPolicy(this.folder))) return;
    throw new OpalineError('DENIED', { reason: 'the vault has a policy: ask its gate' });
  }

  /** The policy, principals, consents and log of a vault that has a policy. @throws USAGE for one that has none */
  async governance(): Promise<VaultGovernance> {
    return await this.governanceHost.open(this.host);
  }

  /** Begin a policy: nothing is answered any more but through the vault's gate. @throws USAGE */
  async govern(officers: readonly NoteKey[]): Promise<VaultGovernance> {
    await this.governanceHost.create(this.folder.secrets, officers);
    const governance = await this.governance();
    await governance.logBeginning(Date.now());
    return governance;
  }

  private get governanceHost(): GovernanceHost {
    const { governance } = this.folder.host;
    if (governance !== undefined) return governance;
    throw new OpalineError('USAGE', { reason: 'a vault that is no folder has no policy' });
  }

  private async measureSpeeds(): Promise<Speeds> {
    const { host, secrets } = this.folder;
    return await host.speeds(() => secrets.engine(sumParameters(48)));
  }

  ingest(
    schema: unknown,
    rows: Iterable<Row> | AsyncIterable<Row>,
    options: IngestOptions = {},
  ): Promise<IngestReport> {
    return this.change(async () => {
      const { ingestRows } = await import('./changes/ingest.ts');
      return await ingestRows(this.host, schema, rows, options);
    });
  }

  async ingestFile(file: string, options: IngestFileOptions = {}): Promise<IngestReport> {
    const { host } = this.folder;
    return await this.ingestSource(await host.openSource(file, options.format), options);
  }

  /** As `ingestFile`, of a source that is open: a file that a page was given has no path. */
  ingestSource(source: Source, options: IngestFileOptions = {}): Promise<IngestReport> {
    return this.change(async () => {
      const { ingestSource } = await import('./changes/ingest.ts');
      return await ingestSource(this.host, source, options);
    });
  }

  delete(
    sql: string,
    parameters: readonly Parameter[] = [],
    options: DeleteOptions = {},
  ): Promise<DeleteReport> {
    return this.change(async () => {
      const { deleteWhere } = await import('./changes/remove.ts');
      return await deleteWhere(this.host, sql, parameters, options);
    });
  }

  compact(table?: string, options: CompactOptions = {}): Promise<readonly CompactReport[]> {
    return this.change(async () => {
      const { compactTables } = await import('./changes/remove.ts');
      return await compactTables(this.host, table, options);
    });
  }

  rotate(table?: string, options: RotateOptions = {}): Promise<readonly RotateReport[]> {
    return this.change(async () => {
      const { rotateTables } = await import('./changes/rotate.ts');
      return await rotateTables(this.host, table, options);
    });
  }

  reindex(schema: unknown, options: Omit<RotateOptions, 'columns'> = {}): Promise<RotateReport> {
    return this.change(async () => {
      const { reindexTable } = await import('./changes/rotate.ts');
      return await reindexTable(this.host, schema, options);
    });
  }

  verify(options: Omit<RotateOptions, 'columns'> = {}): Promise<readonly RotateReport[]> {
    return this.change(async () => {
      const { verifyTables } = await import('./changes/verify.ts');
      return await verifyTables(this.host, options);
    });
  }

  async frozenSince(): Promise<Date | undefined> {
    return await this.folder.release?.frozenSince();
  }

  async liftFreeze(): Promise<void> {
    const since = await this.frozenSince();
    if (since === undefined) return;
    // What is not on the record is not lifted.
    if (await isUnderPolicy(this.folder)) await (await this.governance()).logLift(since);
    await this.folder.release?.lift();
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
    await this.requireOwnerMode();
    const { accessOf } = await import('./changes/host.ts');
    const { TableRecords } = await import('./records/records.ts');
    const allow = (): Promise<void> => this.requireOwnerMode();
    return await TableRecords.open(schema, accessOf(this.host, allow));
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

  /** What may leave of the tables to others than their owner. */
  async releases(): Promise<VaultReleases> {
    const { VaultReleases: Releases } = await import('./release/vault-releases.ts');
    if (!(await isUnderPolicy(this.folder))) return await Releases.open(this.host);
    const { policy } = await this.governance();
    return await Releases.open(this.host, async () => (await policy.find())?.document);
  }

  /** A query's planner, for what is asked of a query without running it. */
  async planner(sql: string, parameters: readonly Parameter[] = []): Promise<Planner> {
    return await this.questions.planner(sql, parameters);
  }

  async close(): Promise<void> {
    await this.changing;
    await this.writing;
    await this.link[Symbol.asyncDispose]();
    await this.folder.secrets.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private async change<T>(run: () => Promise<T>): Promise<T> {
    const change = run();
    this.changing = Promise.allSettled([this.changing, change]);
    return await change;
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

  /** The vault's tables at their newest epoch, verified against the pins. */
  private load(locked: 'locked' | 'unlocked' = 'unlocked'): Promise<OpenTable[]> {
    return this.known.load(locked);
  }
}
