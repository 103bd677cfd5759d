import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Vault } from '../../src/client/api.ts';
import { createFolder } from '../../src/client/local/vault-folder.ts';
import { createVault } from '../../src/client/open-vault.ts';
import { LocalVault } from '../../src/client/vault.ts';
import { EmbeddedLink } from '../../src/run/embedded.ts';
import { MemoryBackend } from '../../src/store/backends/memory.ts';
import { serve } from '../../src/service/serve.ts';
import type { StoreLink } from '../../src/store/link.ts';
import { LEAST_COST } from '../../src/keys/kdf.ts';
import { startCluster } from './cluster.ts';
import type { StoreKind } from './stores.ts';

export const PASSPHRASE = 'correct horse battery staple';

export interface TempVault extends AsyncDisposable {
  readonly vault: Vault;
  /** The folder that holds the vault, and the store where it is a folder. */
  readonly folder: string;
}

/** A vault in a folder of its own, removed on disposal. `wrap` may record or disturb the link. */
export async function tempVault(
  kind: StoreKind,
  wrap: (link: StoreLink) => StoreLink = (link) => link,
): Promise<TempVault> {
  const folder = await mkdtemp(join(tmpdir(), 'opaline-test-'));
  const path = join(folder, 'vault');
  const { vault, close } = await make[kind](folder, path, wrap);
  return {
    vault,
    folder,
    [Symbol.asyncDispose]: async () => {
      await vault.close();
      await close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Made {
  readonly vault: Vault;
  /** After the vault is closed. */
  close(): Promise<void>;
}

type Make = (folder: string, path: string, wrap: (link: StoreLink) => StoreLink) => Promise<Made>;

const nothing = (): Promise<void> => Promise.resolve();

const make: Record<StoreKind, Make> = {
  memory: async (_, path, wrap) => {
    const opened = await createFolder(path, 'memory', PASSPHRASE, '', LEAST_COST);
    const link = wrap(new EmbeddedLink(new MemoryBackend()));
    return { vault: new LocalVault(opened, link, 0), close: nothing };
  },
  file: async (folder, path) => {
    const store = join(folder, 'store');
    const vault = await createVault(path, {
      store,
      passphrase: PASSPHRASE,
      passphraseCost: LEAST_COST,
      threads: 1,
    });
    return { vault, close: nothing };
  },
  // The whole service on a socket; the store behind it is in memory.
  http: async (folder, path) => {
    const service = await serve({
      folder,
      link: new EmbeddedLink(new MemoryBackend()),
      host: '127.0.0.1',
      port: 0,
      version: 'test',
      logLevel: 'silent',
    });
    const store = service.address;
    const vault = await createVault(path, {
      store,
      passphrase: PASSPHRASE,
      passphraseCost: LEAST_COST,
      threads: 1,
    });
    return {
      vault,
      close: async () => {
        await service[Symbol.asyncDispose]();
      },
    };
  },
  // Two workers take the jobs of a Redis of their own; the store behind them is a folder.
  cluster: async (_, path, wrap) => {
    const cluster = await startCluster(2);
    const opened = await createFolder(path, 'cluster', PASSPHRASE, '', LEAST_COST);
    const vault = new LocalVault(opened, wrap(await cluster.link()), 0);
    return { vault, close: () => cluster[Symbol.asyncDispose]() as Promise<void> };
  },
};
