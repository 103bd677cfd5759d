/** The browser's twin of test/support/vaults.ts: places and stores of a browser, on the same LocalVault. */
import { randomId } from '../../../src/bytes/random.ts';
import type { Vault } from '../../../src/client/api.ts';
import { createInPlace } from '../../../src/client/local/vault-database.web.ts';
import {
  databasePlace,
  deletePlace,
  memoryPlace,
} from '../../../src/client/local/vault-place.web.ts';
import { LocalVault } from '../../../src/client/vault.ts';
import { EmbeddedLink } from '../../../src/run/embedded.ts';
import { workerPool } from '../../../src/run/pool.web.ts';
import { deleteIndexedDbStore, IndexedDbBackend } from '../../../src/store/backends/indexeddb.ts';
import { MemoryBackend } from '../../../src/store/backends/memory.ts';
import type { StoreLink } from '../../../src/store/link.ts';

export const PASSPHRASE = 'correct horse battery staple';

export interface TempVault extends AsyncDisposable {
  readonly vault: Vault;
}

/** As in Node: a vault in memory on one thread, or one on the disk with a thread to evaluate. */
export async function tempVault(
  kind: 'memory' | 'file',
  wrap: (link: StoreLink) => StoreLink = (link) => link,
): Promise<TempVault> {
  const name = randomId();
  if (kind === 'memory') {
    const opened = await createInPlace(memoryPlace(name), 'memory:', PASSPHRASE);
    const vault = new LocalVault(opened, wrap(new EmbeddedLink(new MemoryBackend())), 0);
    return { vault, [Symbol.asyncDispose]: () => vault.close() };
  }
  const place = await databasePlace(name);
  const backend = new IndexedDbBackend(name);
  const opened = await createInPlace(place, backend.address, PASSPHRASE);
  const link = new EmbeddedLink(backend, {
    threads: 1,
    pool: (arena) => Promise.resolve(workerPool(name, 1, arena)),
  });
  const vault = new LocalVault(opened, wrap(link), 1);
  return {
    vault,
    [Symbol.asyncDispose]: async () => {
      await vault.close();
      await place[Symbol.asyncDispose]();
      await deletePlace(name);
      await deleteIndexedDbStore(name);
    },
  };
}
