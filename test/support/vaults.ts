import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Vault } from '../../src/client/api.ts';
import { createFolder } from '../../src/client/local/vault-folder.ts';
import { createVault, LocalVault } from '../../src/client/vault.ts';
import { EmbeddedLink } from '../../src/run/embedded.ts';
import { MemoryBackend } from '../../src/store/backends/memory.ts';
import type { StoreLink } from '../../src/store/link.ts';

/** The stores every query suite runs against. */
export const STORES = ['memory', 'file'] as const;
export type StoreKind = (typeof STORES)[number];

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
  const vault =
    kind === 'file'
      ? await createVault(path, {
          store: join(folder, 'store'),
          passphrase: PASSPHRASE,
          threads: 1,
        })
      : new LocalVault(
          await createFolder(path, 'memory', PASSPHRASE),
          wrap(new EmbeddedLink(new MemoryBackend())),
          0,
        );
  return {
    vault,
    folder,
    [Symbol.asyncDispose]: async () => {
      await vault.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
