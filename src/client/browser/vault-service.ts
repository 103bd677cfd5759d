import { OpalineError } from '../../errors/opaline-error.ts';
import { toWire } from '../../errors/wire.ts';
import { EmbeddedLink } from '../../run/embedded.ts';
import { workerPool } from '../../run/pool.web.ts';
import { deleteIndexedDbStore, IndexedDbBackend } from '../../store/backends/indexeddb.ts';
import { MemoryBackend } from '../../store/backends/memory.ts';
import type { StoreLink } from '../../store/link.ts';
import { blobSource } from '../ingest/blob-source.web.ts';
import type { OpenFolder } from '../local/vault-host.ts';
import { createInPlace, openInPlace } from '../local/vault-database.web.ts';
import {
  databasePlace,
  deletePlace,
  memoryPlace,
  requireVaultName,
  type VaultPlace,
} from '../local/vault-place.web.ts';
import { preload } from '../preload.ts';
import { LocalVault } from '../vault.ts';
import type { OnProgress, PlaceRequest, Reply, VaultAnswers, VaultRequest } from './protocol.ts';

/** The vault of one page, in a worker: what the page asks, by name and in plain data. */
export class VaultService {
  private vault: LocalVault | undefined;
  private place: VaultPlace | undefined;
  private readonly calls = new Map<number, AbortController>();

  create(request: PlaceRequest): Promise<Reply<null>> {
    return this.enter(request, (place, store) => createInPlace(place, store, request.passphrase));
  }

  open(request: PlaceRequest): Promise<Reply<null>> {
    return this.enter(request, (place) => openInPlace(place, request.passphrase));
  }

  discard(name: string): Promise<Reply<null>> {
    return replyTo(async () => {
      requireVaultName(name);
      if (this.vault !== undefined) throw new OpalineError('USAGE', { reason: 'a vault is open' });
      // The keys first: what is left of the store, should this end here, opens with nothing.
      await deletePlace(name);
      await deleteIndexedDbStore(name);
      return null;
    });
  }

  ask<R extends VaultRequest>(
    call: number,
    request: R,
    onProgress?: OnProgress,
  ): Promise<Reply<VaultAnswers[R['kind']]>> {
    return replyTo(async () => {
      const controller = new AbortController();
      this.calls.set(call, controller);
      try {
        const options = {
          signal: controller.signal,
          ...(onProgress && { onProgress: (done: number, of?: number) => onProgress(done, of) }),
        };
        return (await this.answer(request, options)) as VaultAnswers[R['kind']];
      } finally {
        this.calls.delete(call);
      }
    });
  }

  abort(call: number): void {
    this.calls.get(call)?.abort();
  }

  close(): Promise<Reply<null>> {
    return replyTo(async () => {
      const { vault, place } = this;
      this.vault = undefined;
      this.place = undefined;
      for (const call of this.calls.values()) call.abort();
      await vault?.close();
      await place?.[Symbol.asyncDispose]();
      return null;
    });
  }

  private enter(
    request: PlaceRequest,
    unseal: (place: VaultPlace, store: string) => Promise<OpenFolder>,
  ): Promise<Reply<null>> {
    return replyTo(async () => {
      const { name, keep, threads } = request;
      requireVaultName(name);
      if (this.vault !== undefined) throw new OpalineError('USAGE', { reason: 'a vault is open' });
      void preload();
      const place = keep === 'memory' ? memoryPlace(name) : await databasePlace(name);
      try {
        const link = openLink(name, keep, threads);
        this.vault = new LocalVault(await unseal(place, link.address), link, threads);
        this.place = place;
      } catch (error) {
        await place[Symbol.asyncDispose]();
        throw error;
      }
      return null;
    });
  }

  private answer(
    request: VaultRequest,
    options: { readonly signal: AbortSignal; readonly onProgress?: OnProgress },
  ): Promise<VaultAnswers[keyof VaultAnswers]> {
    const { vault } = this;
    if (vault === undefined) throw new OpalineError('USAGE', { reason: 'no vault is open' });
    switch (request.kind) {
      case 'ingest': {
        const { schema, rows, append } = request;
        return vault.ingest(schema, rows, { ...options, append });
      }
      case 'ingestFile': {
        const { file, fileName, format, table, schema, append } = request;
        return vault.ingestSource(blobSource(file, fileName, format), {
          ...options,
          append,
          ...(table !== undefined && { table }),
          ...(schema !== undefined && { schema }),
        });
      }
      case 'query':
        return vault.query(request.sql, request.parameters, options);
      case 'explain':
        return vault.explain(request.sql, request.parameters);
      case 'delete':
        return vault.delete(request.sql, request.parameters, {
          ...options,
          erase: request.erase,
        });
      case 'compact':
        return vault.compact(request.table, options);
      case 'tables':
        return vault.tables();
      case 'check':
        return vault.check({ ...options, deep: request.deep });
      default:
        return request satisfies never;
    }
  }
}

function openLink(name: string, keep: PlaceRequest['keep'], threads: number): StoreLink {
  // Memory of this worker's no other can reach.
  if (keep === 'memory') return new EmbeddedLink(new MemoryBackend());
  const backend = new IndexedDbBackend(name);
  if (threads === 0) return new EmbeddedLink(backend);
  return new EmbeddedLink(backend, {
    threads,
    pool: (arena) => Promise.resolve(workerPool(name, threads, arena)),
  });
}

async function replyTo<T>(run: () => Promise<T>): Promise<Reply<T>> {
  try {
    return { ok: await run() };
  } catch (error) {
    return { error: toWire(error) };
  }
}
