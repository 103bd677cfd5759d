import type { WireError } from '../../errors/wire.ts';
import type { Parameter } from '../../plan/parameter.ts';
import type {
  CompactReport,
  DeleteReport,
  Explanation,
  Finding,
  IngestReport,
  QueryResult,
  Row,
  TableInfo,
} from '../api.ts';
import type { Format } from '../ingest/source.ts';
import type { SealWorker } from '../seal/pool.web.ts';

/** How a page asks for a vault. */
export interface PlaceRequest {
  /** 1 to 64 letters, digits, dots, dashes and underscores. */
  readonly name: string;
  readonly passphrase: string;
  /** Where the vault's sealed files and the store are: a database each, or memory, which ends with the page. */
  readonly keep: 'indexeddb' | 'memory';
  /** Address of a store over HTTP, where the ciphertexts are instead; undefined: here, or, of a vault, its own. */
  readonly store: string | undefined;
  /** Undefined: none, or, of a vault's own store, the saved one. */
  readonly storeToken: string | undefined;
  /** Evaluation and sealing on so many workers; 0: on the vault's own. */
  readonly threads: number;
}

/** What a page asks of an open vault. */
export type VaultRequest =
  | {
      readonly kind: 'ingest';
      readonly schema: unknown;
      readonly rows: readonly Row[];
      readonly append: boolean;
    }
  | {
      readonly kind: 'ingestFile';
      readonly file: Blob;
      readonly fileName: string;
      readonly format: Format | undefined;
      readonly table: string | undefined;
      readonly schema: unknown;
      readonly append: boolean;
    }
  | { readonly kind: 'query'; readonly sql: string; readonly parameters: readonly Parameter[] }
  | { readonly kind: 'explain'; readonly sql: string; readonly parameters: readonly Parameter[] }
  | {
      readonly kind: 'delete';
      readonly sql: string;
      readonly parameters: readonly Parameter[];
      readonly erase: boolean;
    }
  | { readonly kind: 'compact'; readonly table: string | undefined }
  | { readonly kind: 'tables' }
  | { readonly kind: 'check'; readonly deep: boolean };

/** What each of them is answered with. */
export interface VaultAnswers {
  ingest: IngestReport;
  ingestFile: IngestReport;
  query: QueryResult;
  explain: Explanation;
  delete: DeleteReport;
  compact: readonly CompactReport[];
  tables: readonly TableInfo[];
  check: readonly Finding[];
}

export type Reply<T> = { readonly ok: T } | { readonly error: WireError };

/** Told in rows, or in segments: done, and in all or as a share where that is known. */
export type OnProgress = (done: number, of: number | undefined) => void;

/** What workers/vault.web.ts offers a page. The keys are in the worker, and no call gives them out. */
export interface VaultWorker extends SealWorker {
  create(request: PlaceRequest): Promise<Reply<null>>;
  open(request: PlaceRequest): Promise<Reply<null>>;
  /** Delete a vault and its store. */
  discard(name: string): Promise<Reply<null>>;
  /** `call` numbers it, for `abort`. */
  ask<R extends VaultRequest>(
    call: number,
    request: R,
    onProgress?: OnProgress,
  ): Promise<Reply<VaultAnswers[R['kind']]>>;
  abort(call: number): Promise<void>;
  close(): Promise<Reply<null>>;
}
