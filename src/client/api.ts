import type { Leakage } from '../plan/leakage.ts';
import type { Parameter } from '../plan/parameter.ts';
import type { Cell } from '../plan/result.ts';
import type { Coefficient, Regression } from '../plan/statistics/regression.ts';
import type { OneWay } from '../plan/statistics/one-way.ts';
import type { VarianceLine } from '../plan/statistics/anova-table.ts';
import type { Schema } from '../table/schema.ts';
import type { Model } from './score/model.ts';
import type { Records } from './records/api.ts';
import type { Query } from './typed/query.ts';
import type { SchemaLiteral } from './typed/schema.ts';

export type { Cell, Coefficient, Model, Parameter, VarianceLine };

export interface QueryResult {
  /** PostgreSQL's column names. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  readonly leakage: readonly Leakage[];
  readonly stats: QueryStats;
}

export interface QueryStats {
  /** Wall time from planning to the finished rows, milliseconds. */
  readonly ms: number;
  /** Rows that the filter selected. */
  readonly rowsMatched: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
  /** Round trips over the store link. */
  readonly rounds: number;
  /** The worst-case noise bound proved before the run, as a fraction of what decrypts surely; null if nothing was summed. */
  readonly bound: number | null;
  /** Worst-case error of numbers made from real columns; null: every value is exact. */
  readonly error: number | null;
  /** The same for each column of the result; absent where every value is exact. */
  readonly errors?: readonly (number | null)[];
  /** Present where the store's answer was verified. */
  readonly verified?: true;
}

export interface QueryOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
  /** Recorded by a gate with a policy; owner mode ignores it. */
  readonly purpose?: string;
  /**
   * Verify the store's answer, as is done before anything is released to others than the owner. Takes check columns
   * (`verify`). An answer that does not verify is ANSWER_FALSIFIED, and freezes verified answers; PARTIALS_INVALID, and freezes
   * nothing, where it was custodians of a divided table who answered wrongly.
   */
  readonly verified?: boolean;
}

export interface ScoreOptions extends Model, QueryOptions {
  readonly table: string;
  /** A condition as after WHERE, with `parameters` for $1, $2, …; default: every row. */
  readonly where?: string;
  readonly parameters?: readonly Parameter[];
  readonly groupBy?: readonly string[];
}

export interface ScoreRowsOptions extends Model, QueryOptions {
  readonly table: string;
  /** A condition as after WHERE, with `parameters` for $1, $2, …; default: every row. */
  readonly where?: string;
  readonly parameters?: readonly Parameter[];
  /**
   * Columns of the result beside the score, which are read from the rows' records; default: the table's key.
   * None: a column `row` that says where the row is, until its segment is made anew.
   */
  readonly select?: readonly string[];
  /** Only so many rows, those of the highest scores, highest first. */
  readonly top?: number;
  /**
   * Who evaluates the logistic link: the owner, of the decrypted z, exactly; or the store, on the ciphertext,
   * by a polynomial of degree 3 that is within 0.1 for |z| ≤ 8, refused beyond. Default: the owner.
   */
  readonly sigmoid?: 'owner' | 'store';
}

/** The rows of a table that an analysis is of: all, or those that a condition selects. */
export interface AnalysedRows {
  readonly table: string;
  /** A condition as in SQL's WHERE. */
  readonly where?: string | undefined;
  /** For the condition's $n. */
  readonly parameters?: readonly Parameter[] | undefined;
}

export interface RegressRequest extends AnalysedRows {
  /** The dependent variable, a numeric column. */
  readonly y: string;
  /** Terms: columns, powers (`x^2`) and products (`x*z`); `"…"` around a name with other characters. */
  readonly x: readonly string[];
  /** Default: true. */
  readonly intercept?: boolean | undefined;
}

/** Numbers are exact texts, of 30 significant digits where they are not whole. */
export interface RegressResult extends Regression {
  readonly leakage: readonly Leakage[];
  readonly stats: QueryStats;
}

export interface AnovaRequest extends AnalysedRows {
  /** The variable, a numeric column. */
  readonly y: string;
  /** The column whose values are the groups; rows where it is NULL do not count. */
  readonly by: string;
}

/** Numbers as for RegressResult. */
export interface AnovaResult extends OneWay {
  readonly leakage: readonly Leakage[];
  readonly stats: QueryStats;
}

export interface IngestOptions {
  readonly signal?: AbortSignal;
  /** Rows stored so far and, where known, what share of the input they are (0 to 1). Also while none is. */
  readonly onProgress?: (rows: number, share: number | undefined) => void;
  /** Add to an existing table; without it an existing table is TABLE_EXISTS. */
  readonly append?: boolean;
}

/** An object with a property per column, an instance of an interface of yours included; what a cell may be: client/ingest/rows.ts. */
export type Row = object;

export interface IngestFileOptions extends IngestOptions {
  /** Name of the table; default: the schema's, or from the file's name. */
  readonly table?: string;
  /** A schema in JSON form; default: the table's own for an append, else inferred from the file. */
  readonly schema?: unknown;
  readonly format?: 'csv' | 'ndjson' | 'parquet';
}

export interface IngestReport {
  readonly table: string;
  readonly rows: number;
  readonly segments: number;
  readonly epoch: number;
  readonly bytesUp: number;
  readonly ms: number;
}

export interface DeleteOptions {
  readonly signal?: AbortSignal;
  /** Segments done and in all. */
  readonly onProgress?: (done: number, total: number) => void;
  /**
   * Erase: besides, write anew every segment that holds a deleted row, these and earlier ones, without
   * it, and replace the key that opens the old ones. Backups of the vault made before cannot open the
   * table any more.
   */
  readonly erase?: boolean;
}

export interface DeleteReport {
  readonly table: string;
  readonly rows: number;
  readonly erased: boolean;
  /** The table's epoch, a new one where anything changed. */
  readonly epoch: number;
  readonly ms: number;
}

export interface CompactOptions {
  readonly signal?: AbortSignal;
  /** Rows written anew, and the most there can be. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface CompactReport {
  readonly table: string;
  /** Rows written anew; 0: the table was compact. */
  readonly rows: number;
  readonly segmentsBefore: number;
  readonly segmentsAfter: number;
  readonly epoch: number;
  readonly ms: number;
}

export interface RotateOptions {
  readonly signal?: AbortSignal;
  /** Rows made anew and in all. */
  readonly onProgress?: (done: number, total: number) => void;
  /**
   * Encrypt the ciphertext columns anew too, and move the rows to other places: old and new segments have
   * then nothing in common. Else columns and places stay, and index, records and metadata are made anew.
   */
  readonly columns?: boolean;
  /**
   * Publish whenever so many rows are made anew, whole segments at a time; default: a full segment or a
   * 32nd of the table, whichever is more.
   */
  readonly stepRows?: number;
}

export interface RotateReport {
  readonly table: string;
  /** Segments and rows made anew now; 0: nothing was to be done. */
  readonly segments: number;
  readonly rows: number;
  /** It had begun before and was gone on with. */
  readonly resumed: boolean;
  readonly epoch: number;
  readonly ms: number;
}

export interface PartBytes {
  readonly column: number;
  readonly index: number;
  readonly records: number;
  readonly sealed: number;
}

export interface CheckOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
  /** Read every part of the tables and check it, not only that it is there. */
  readonly deep?: boolean;
  /** Remove what writers that died left in the store. */
  readonly repair?: boolean;
}

/** One thing that `check` found out about a vault and its store. */
export interface Finding {
  readonly level: 'ok' | 'advice' | 'problem';
  /** Undefined: of the vault as a whole. */
  readonly table?: string;
  readonly text: string;
}

export interface TableInfo {
  readonly table: string;
  /** Rows that count: neither deleted nor yet to come. */
  readonly rows: number;
  /** Of these, rows of small appends that are not in a segment yet. */
  readonly deltaRows: number;
  /** Rows still stored and counted nowhere, until compaction. */
  readonly deletedRows: number;
  readonly segments: number;
  readonly epoch: number;
  readonly schema: Schema;
  /** Bytes of the parts as uploaded, by kind. */
  readonly bytes: PartBytes;
  /** Bytes of the parts as the store keeps them: ciphertext columns are expanded. */
  readonly atRest: PartBytes;
  /** Bytes of one row in one ciphertext column, uploaded and at rest; null without columns. */
  readonly columnBytesPerRow: { readonly wire: number; readonly rest: number } | null;
  /** Ciphertext columns over all numeric columns: x, x², pairs, times limbs. */
  readonly ciphertextColumns: number;
}

/** One way to make a query's groups. */
export interface GroupingEstimate {
  /** By lists of each value; by ciphertext columns of each group; by rows laid out together; in the vault. */
  readonly way: 'masks' | 'private' | 'clustered' | 'vault';
  readonly chosen: boolean;
  /** What the schema or the query would have to be for the way to be open; null: it is. */
  readonly needs: string | null;
  /** Milliseconds on one thread, the bytes' way among them: an estimate. */
  readonly ms: number;
  /** Of the replies. */
  readonly bytes: number;
  readonly leakage: readonly Leakage[];
}

export interface Explanation {
  /** Indented lines, one a plan node. */
  readonly plan: readonly string[];
  readonly verdict: 'answerable';
  readonly leakage: readonly Leakage[];
  readonly notes: readonly string[];
  readonly cost: {
    readonly rounds: number;
    readonly tokens: number;
    readonly segments: number;
    /** Largest reply, bytes, if every group were present. */
    readonly replyBytes: number;
  };
  /** How the groups of GROUP BY could be made, side by side; none without one. */
  readonly groupings: readonly GroupingEstimate[];
  readonly bounds: readonly {
    readonly term: string;
    readonly noise: string;
    readonly noiseLimit: string;
    readonly magnitude: string;
    readonly magnitudeLimit: string;
  }[];
}

/** What `openVault` and `createVault` (vault.ts) return. */
export interface Vault extends AsyncDisposable {
  readonly path: string;
  /** Store address, without credentials. */
  readonly store: string;
  /** Rows as objects keyed by column name, or batches from client/ingest. */
  ingest(
    schema: unknown,
    rows: Iterable<Row> | AsyncIterable<Row>,
    options?: IngestOptions,
  ): Promise<IngestReport>;
  /** A CSV, NDJSON or Parquet file. Without a schema the types are inferred (client/ingest/infer.ts). */
  ingestFile(file: string, options?: IngestFileOptions): Promise<IngestReport>;
  query(
    sql: string,
    parameters?: readonly Parameter[],
    options?: QueryOptions,
  ): Promise<QueryResult>;
  /** A query of a schema's table that is built, and typed by the schema's literal (client/typed). */
  from<const S extends SchemaLiteral>(schema: S): Query<S>;
  /**
   * The records of a schema's table, for services (client/records); the first that is put makes the table.
   * @throws SCHEMA_MISMATCH where it is there and of another shape
   */
  records<const S extends SchemaLiteral>(schema: S): Promise<Records<S>>;
  /**
   * Mean and total score of the matching rows by a linear or logistic model, computed from encrypted
   * sums: columns `count`, `mean` and `total` after those of `groupBy`. Rows with a NULL in a column of the
   * model are left out. `stats.errors` bounds how far each column's numbers are from the exact scores.
   */
  score(request: ScoreOptions): Promise<QueryResult>;
  /**
   * The score of each matching row by a linear or logistic model, computed by the store on columns that the
   * schema declares with `"score": true`. Rows with a NULL in a column of the model are left out.
   * `stats.error` bounds how far each score is from the model's. The store learns the weights.
   */
  scoreRows(request: ScoreRowsOptions): Promise<QueryResult>;
  /** What that would cost and leak. */
  explainScoreRows(request: ScoreRowsOptions): Promise<Explanation>;
  /** Multiple linear regression, from one query for the cross-moments of the variables. */
  regress(request: RegressRequest, options?: QueryOptions): Promise<RegressResult>;
  /** One-way analysis of variance, from one query for the moments of each group. */
  anova(request: AnovaRequest, options?: QueryOptions): Promise<AnovaResult>;
  explain(sql: string, parameters?: readonly Parameter[]): Promise<Explanation>;
  tables(): Promise<readonly TableInfo[]>;
  /** One DELETE FROM table [WHERE …]. Deleted rows count nowhere; compaction or `erase` removes them. */
  delete(
    sql: string,
    parameters?: readonly Parameter[],
    options?: DeleteOptions,
  ): Promise<DeleteReport>;
  /** Merge small appends and segments, and drop deleted rows, of one table or of all. */
  compact(table?: string, options?: CompactOptions): Promise<readonly CompactReport[]>;
  /**
   * Replace the keys of every segment, of one table or of all, and then the key that opens the old ones,
   * which nothing opens any more. May be stopped at any time and called again; meanwhile every query is
   * answered. Backups of the vault from before cannot open the tables afterwards.
   */
  rotate(table?: string, options?: RotateOptions): Promise<readonly RotateReport[]>;
  /**
   * Change a table's indexes, pairs, private groups and layout to those of a schema, from its records. May
   * be stopped and called again like `rotate`. Until it has ended the table is queried by its old schema.
   */
  reindex(schema: unknown, options?: Omit<RotateOptions, 'columns'>): Promise<RotateReport>;
  /**
   * From now on segments carry what answers are verified by: a check column beside each column of sums, and MACs of posting
   * lists. Brings the tables there are to it, whose segments are sealed anew; ciphertext columns stay. May be stopped and
   * called again like `rotate`; reports of tables that had something to do.
   */
  verify(options?: Omit<RotateOptions, 'columns'>): Promise<readonly RotateReport[]>;
  /** Since when verified answers are refused, because one did not verify; undefined: they are not. */
  frozenSince(): Promise<Date | undefined>;
  /** The owner has examined the store: verified answers are given again. */
  liftFreeze(): Promise<void>;
  /** Whether the vault and what the store keeps fit together (opaline doctor). */
  check(options?: CheckOptions): Promise<readonly Finding[]>;
  close(): Promise<void>;
}

export interface CreateOptions {
  /** A folder (embedded store), or http(s)://host:port of a store that is served. */
  readonly store: string;
  /** Bearer token of a remote store; kept sealed in the vault. */
  readonly storeToken?: string;
  readonly passphrase: string;
  /**
   * What each guess of the passphrase takes, by Argon2id: KiB of memory, passes over it, lanes. Default: RFC 9106's second
   * recommended option, 64 MiB, 3 passes, 4 lanes; at least OWASP's minimum, 19,456 KiB and 2 passes.
   */
  readonly passphraseCost?: {
    readonly memory: number;
    readonly passes: number;
    readonly parallelism: number;
  };
  /** As for `OpenOptions`. */
  readonly threads?: number;
}

export interface OpenOptions {
  readonly passphrase: string;
  /** Use this store once instead of the saved one. */
  readonly store?: string;
  /** Use this bearer token instead of the saved one. */
  readonly storeToken?: string;
  /** Worker threads for evaluation and sealing; default: cores, at most 8. 0 runs in this thread. */
  readonly threads?: number;
}
