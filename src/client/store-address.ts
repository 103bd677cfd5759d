import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { OpalineError } from '../errors/opaline-error.ts';
import { EmbeddedLink } from '../run/embedded.ts';
import { createFileStore, FileBackend } from '../store/backends/file.ts';
import type { StoreLink } from '../store/link.ts';

const SCHEME = /^([a-z][a-z0-9+.-]+):\/\//;

/** A folder as an absolute path, so that a vault works from any directory. */
export function resolveStore(store: string): string {
  const scheme = SCHEME.exec(store)?.[1];
  if (scheme === undefined) return resolve(store);
  throw new OpalineError('NOT_YET_AVAILABLE', { feature: `a store at ${scheme}://` });
}

/** Make the store's folder, so that a wrong path shows at once. */
export async function createStore(store: string): Promise<void> {
  await createFileStore(resolveStore(store));
}

/** @throws STORE_NOT_FOUND */
export async function openStore(store: string, threads: number): Promise<StoreLink> {
  const path = resolveStore(store);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || !found.isDirectory()) {
    throw new OpalineError('STORE_NOT_FOUND', { path: store });
  }
  const backend = new FileBackend(path);
  if (threads === 0) return new EmbeddedLink(backend);
  return new EmbeddedLink(backend, {
    threads,
    pool: async (arena) => {
      const { threadPool } = await import('../run/pool.node.ts');
      return threadPool(backend.descriptor, threads, arena);
    },
  });
}
