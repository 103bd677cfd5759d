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
    return this.enter(request, async (place) => {
      const { passphrase, storeToken } = request;
      // Before there is a vault: a store that does not answer, or refuses the token, shows at once.
      const link = await openLink(request, request.store, storeToken);
      return { link, folder: await createInPlace(place, link.address, passphrase, storeToken) };
    });
  }

  open(request: PlaceRequest): Promise<Reply<null>> {
    return this.enter(request, async (place) => {
      const folder = await openInPlace(place, request.passphrase);
      try {
        const address = request.store ?? folder.store;
        // The saved token is for the saved store: another one is not shown it.
        const saved = address === folder.store ? folder.storeToken : undefined;
        const remote = isRemote(address) ? address : undefined;
        return { folder, link: await openLink(request, remote, request.storeToken ?? saved) };
      } catch (error) {
        await folder.secrets.close();
        throw error;
      }
    });
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
    unseal: (place: VaultPlace) => Promise<{ folder: OpenFolder; link: StoreLink }>,
  ): Promise<Reply<null>> {
    return replyTo(async () => {
      const { name, keep, store, threads } = request;
      requireVaultName(name);
      if (this.vault !== undefined) throw new OpalineError('USAGE', { reason: 'a vault is open' });
      if (store !== undefined && !isRemote(store)) {
        throw new OpalineError('USAGE', { reason: 'a store of a page is http(s)://host[:port]' });
      }
      void preload();
      const place = keep === 'memory' ? memoryPlace(name) : await databasePlace(name);
      try {
        const { folder, link } = await unseal(place);
        this.vault = new LocalVault(folder, link, threads);
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

const isRemote = (store: string): boolean => /^https?:\/\//.test(store);

/** @throws of a store over HTTP STORE_UNREACHABLE, STORE_UNAUTHORIZED, USAGE */
async function openLink(
  { name, keep, threads }: PlaceRequest,
  remote: string | undefined,
  token: string | undefined,
): Promise<StoreLink> {
  if (remote !== undefined) {
    const { HttpLink } = await import('../../store/backends/http/link.ts');
    const link = new HttpLink(remote, token);
    await link.connect();
    await link.tables();
    return link;
  }
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
