import type { Leakage } from '../plan/leakage.ts';
import type { Parameter } from '../plan/parameter.ts';
import type { Cell } from '../plan/result.ts';
import type { Schema } from '../table/schema.ts';

export type { Cell, Parameter };

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
  /** Worst-case error of approximate columns; null: every value is exact. */
  readonly error: number | null;
}

export interface QueryOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
  /** Recorded by a gate with a policy; owner mode ignores it. */
  readonly purpose?: string;
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

export interface TableInfo {
  readonly table: string;
  readonly rows: number;
  readonly segments: number;
  readonly epoch: number;
  readonly schema: Schema;
  /** Bytes of the uploaded parts, by kind. */
  readonly bytes: {
    readonly column: number;
    readonly index: number;
    readonly records: number;
    readonly sealed: number;
  };
  /** Ciphertext columns over all numeric columns: x, x², pairs, times limbs. */
  readonly ciphertextColumns: number;
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
  explain(sql: string, parameters?: readonly Parameter[]): Promise<Explanation>;
  tables(): Promise<readonly TableInfo[]>;
  close(): Promise<void>;
}

export interface CreateOptions {
  /** A folder (embedded store). */
  readonly store: string;
  readonly passphrase: string;
  /** As for `OpenOptions`. */
  readonly threads?: number;
}

export interface OpenOptions {
  readonly passphrase: string;
  /** Use this store once instead of the saved one. */
  readonly store?: string;
  /** Worker threads for evaluation and sealing; default: cores, at most 8. 0 runs in this thread. */
  readonly threads?: number;
}
