import { proxy, releaseProxy, type Remote, wrap } from 'comlink';
import { OpalineError } from '../errors/opaline-error.ts';
import { fromWire } from '../errors/wire.ts';
import type {
  CompactOptions,
  CompactReport,
  DeleteOptions,
  DeleteReport,
  Explanation,
  Finding,
  IngestFileOptions,
  IngestOptions,
  IngestReport,
  Parameter,
  QueryOptions,
  QueryResult,
  Row,
  TableInfo,
} from './api.ts';
import type {
  OnProgress,
  PlaceRequest,
  Reply,
  VaultAnswers,
  VaultRequest,
  VaultWorker,
} from './browser/protocol.ts';

export interface BrowserVaultOptions {
  readonly passphrase: string;
  /**
   * Where the vault's files, which are sealed, and the store are kept: `indexeddb` (the default), for as long as
   * the browser keeps the origin's data, or `memory`, which ends with the page.
   */
  readonly keep?: 'indexeddb' | 'memory';
  /**
   * A store over HTTP, `https://…`, that keeps the ciphertexts and evaluates instead of this browser; it must let
   * the page's origin in (`opaline serve --allow-origin`). `createVault` saves it in the vault, `openVault` takes
   * another than the saved one.
   */
  readonly store?: string;
  /** Bearer token of that store, saved with it, sealed. */
  readonly storeToken?: string;
  /**
   * Workers for evaluation and sealing; default: cores, at most 8. Without SharedArrayBuffer, on a page that
   * is not cross-origin isolated, there are none, and `singleThread` says so.
   */
  readonly threads?: number;
}

/**
 * Make a vault of a page: its keys are made in a worker and stay there, sealed in a database or in memory.
 * @throws VAULT_EXISTS, PASSPHRASE_WEAK, USAGE for a name that cannot be one or a page without a secure context;
 * of a store over HTTP STORE_UNREACHABLE, STORE_UNAUTHORIZED
 */
export function createVault(name: string, options: BrowserVaultOptions): Promise<BrowserVault> {
  return start(name, options, 'create');
}

/** @throws VAULT_NOT_FOUND, PASSPHRASE_WRONG, VAULT_CORRUPT, USAGE; of a store over HTTP as `createVault` */
export function openVault(
  name: string,
  options: Omit<BrowserVaultOptions, 'keep'>,
): Promise<BrowserVault> {
  return start(name, options, 'open');
}

/**
 * Delete a vault that is kept in databases, keys first, and its store; no error where there is none. What a store
 * over HTTP holds stays there, and opens with nothing.
 */
export async function deleteVault(name: string): Promise<void> {
  const worker = startWorker();
  const remote = wrap<VaultWorker>(worker);
  try {
    take(await remote.discard(name));
  } finally {
    worker.terminate();
  }
}

async function start(
  name: string,
  options: BrowserVaultOptions,
  how: 'create' | 'open',
): Promise<BrowserVault> {
  if (!globalThis.isSecureContext) {
    throw new OpalineError('USAGE', { reason: 'a vault needs a page over https, or of localhost' });
  }
  const singleThread = reasonForOneThread(options.threads);
  const threads =
    singleThread === null ? (options.threads ?? Math.min(8, navigator.hardwareConcurrency)) : 0;
  const { passphrase, keep = 'indexeddb', store, storeToken } = options;
  const request: PlaceRequest = { name, passphrase, keep, store, storeToken, threads };
  const worker = startWorker();
  const failed = new Promise<never>((_, reject) => {
    worker.addEventListener('error', () => {
      reject(new OpalineError('WORKER_FAILED', { reason: 'the vault’s worker cannot run' }));
    });
  });
  failed.catch(() => undefined);
  const remote = wrap<VaultWorker>(worker);
  try {
    take(await Promise.race([remote[how](request), failed]));
  } catch (error) {
    worker.terminate();
    throw error;
  }
  return new BrowserVault(name, worker, remote, failed, threads, singleThread);
}

/** The extension is that of the built program: bundlers find the source by it too. */
function startWorker(): Worker {
  return new Worker(new URL('../../workers/vault.web.js', import.meta.url), { type: 'module' });
}

function reasonForOneThread(threads: number | undefined): string | null {
  if (threads === 0) return 'asked for';
  if (globalThis.crossOriginIsolated && typeof SharedArrayBuffer !== 'undefined') return null;
  return (
    'the page is not cross-origin isolated, so that threads cannot share memory: send ' +
    'Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp'
  );
}

/**
 * A vault in a worker of this page. Its methods are those of `Vault` (api.ts) that a page has a use for. Nothing that
 * crosses to the page or to any server is a key.
 */
export class BrowserVault implements AsyncDisposable {
  readonly name: string;
  /** Workers that it may start for evaluation and sealing. */
  readonly threads: number;
  /** Why all runs on one thread; null: it does not. */
  readonly singleThread: string | null;
  private readonly worker: Worker;
  private readonly remote: Remote<VaultWorker>;
  private readonly failed: Promise<never>;
  private calls = 0;

  constructor(
    name: string,
    worker: Worker,
    remote: Remote<VaultWorker>,
    failed: Promise<never>,
    threads: number,
    singleThread: string | null,
  ) {
    this.name = name;
    this.worker = worker;
    this.remote = remote;
    this.failed = failed;
    this.threads = threads;
    this.singleThread = singleThread;
  }

  /** Rows as objects keyed by column name; they are copied to the worker. */
  async ingest(
    schema: unknown,
    rows: readonly Row[],
    options: IngestOptions = {},
  ): Promise<IngestReport> {
    const { append = false } = options;
    return await this.ask({ kind: 'ingest', schema, rows, append }, options);
  }

  /** A file of CSV, NDJSON or Parquet, which the worker reads. Without a schema the types are inferred. */
  async ingestFile(file: File, options: IngestFileOptions = {}): Promise<IngestReport> {
    const { table, schema, format, append = false } = options;
    return await this.ask(
      { kind: 'ingestFile', file, fileName: file.name, format, table, schema, append },
      options,
    );
  }

  async query(
    sql: string,
    parameters: readonly Parameter[] = [],
    options: QueryOptions = {},
  ): Promise<QueryResult> {
    return await this.ask({ kind: 'query', sql, parameters }, options);
  }

  async explain(sql: string, parameters: readonly Parameter[] = []): Promise<Explanation> {
    return await this.ask({ kind: 'explain', sql, parameters });
  }

  async delete(
    sql: string,
    parameters: readonly Parameter[] = [],
    options: DeleteOptions = {},
  ): Promise<DeleteReport> {
    const { erase = false } = options;
    return await this.ask({ kind: 'delete', sql, parameters, erase }, options);
  }

  async compact(table?: string, options: CompactOptions = {}): Promise<readonly CompactReport[]> {
    return await this.ask({ kind: 'compact', table }, options);
  }

  async tables(): Promise<readonly TableInfo[]> {
    return await this.ask({ kind: 'tables' });
  }

  async check(options: { readonly deep?: boolean } = {}): Promise<readonly Finding[]> {
    return await this.ask({ kind: 'check', deep: options.deep === true });
  }

  /** Close the vault: its secrets are overwritten as far as they can be, and its worker is ended. */
  async close(): Promise<void> {
    try {
      take(await Promise.race([this.remote.close(), this.failed]));
    } finally {
      this.remote[releaseProxy]();
      this.worker.terminate();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private async ask<R extends VaultRequest>(
    request: R,
    options: CallOptions = {},
  ): Promise<VaultAnswers[R['kind']]> {
    const { signal, onProgress } = options;
    if (signal?.aborted === true) throw new OpalineError('ABORTED', {});
    const call = ++this.calls;
    const abort = (): void => void this.remote.abort(call);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      // Each is told what its own call tells.
      const told = onProgress && proxy(onProgress as OnProgress);
      const reply = this.remote.ask(call, request, told) as Promise<Reply<VaultAnswers[R['kind']]>>;
      return take(await Promise.race([reply, this.failed]));
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }
}

/** Of every call that takes some; each tells its progress in its own terms (api.ts). */
interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: QueryOptions['onProgress'] | IngestOptions['onProgress'];
}

/** @throws what the worker refused, as it refused it */
function take<T>(reply: Reply<T>): T {
  if ('error' in reply) throw fromWire(reply.error);
  return reply.ok;
}
