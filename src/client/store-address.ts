import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { OpalineError } from '../errors/opaline-error.ts';
import { EmbeddedLink } from '../run/embedded.ts';
import { createFileStore, FileBackend } from '../store/backends/file.ts';
import type { StoreLink } from '../store/link.ts';

const SCHEME = /^([a-z][a-z0-9+.-]+):\/\//;

function schemeOf(store: string): string | undefined {
  return SCHEME.exec(store)?.[1];
}

function isRemote(store: string): boolean {
  const scheme = schemeOf(store);
  if (scheme === undefined) return false;
  if (scheme === 'http' || scheme === 'https') return true;
  throw new OpalineError('USAGE', {
    reason: `a store is a folder or http(s)://…; ${scheme}:// is for the process that serves one`,
  });
}

/** A folder as an absolute path, so that a vault works from any directory; an address as it is. */
export function resolveStore(store: string): string {
  return isRemote(store) ? store : resolve(store);
}

/**
 * Make the store's folder, or see that a remote one answers and takes the token, so that a wrong
 * address shows at once.
 */
export async function createStore(store: string, token: string): Promise<void> {
  if (!isRemote(store)) {
    await createFileStore(resolveStore(store));
    return;
  }
  const link = await openRemote(store, token);
  await link.tables();
}

/**
 * @param token of a remote store; '' where it asks for none
 * @throws STORE_NOT_FOUND, STORE_UNREACHABLE
 */
export async function openStore(store: string, token: string, threads: number): Promise<StoreLink> {
  return isRemote(store) ? await openRemote(store, token) : await openFolderStore(store, threads);
}

async function openRemote(store: string, token: string): Promise<StoreLink> {
  const { HttpLink } = await import('../store/backends/http/link.ts');
  const link = new HttpLink(store, token);
  await link.connect();
  return link;
}

async function openFolderStore(store: string, threads: number): Promise<StoreLink> {
  const path = resolve(store);
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
