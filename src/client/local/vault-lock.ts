import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { OpalineError } from '../../errors/opaline-error.ts';
import { isFileLocked, lockFile } from '../../store/backends/file-lock.ts';

const LOCK_FILE = 'writer.lock';

/**
 * Excludes a second writer from a vault (store/backends/file-lock.ts). Publication is safe without it
 * (compare-and-set on the epoch); the lock keeps two writers from working for nothing, and the vault's own files
 * from being replaced by two at once.
 *
 * Who gets it also removes what writers that died left beside the vault's files.
 * @throws VAULT_LOCKED at once when another writer holds it.
 */
export async function lockVault(folder: string): Promise<AsyncDisposable> {
  const lock = await lockFile(join(folder, LOCK_FILE), {
    operation: 'locking the vault',
    held: (by) => new OpalineError('VAULT_LOCKED', { path: folder, process: by }),
  });
  await sweep(folder);
  return lock;
}

/** Whether a writer is at work, without standing in the way of the next. */
export async function isVaultLocked(folder: string): Promise<boolean> {
  return await isFileLocked(join(folder, LOCK_FILE));
}

/** Half-written files of the vault, which may hold keys since replaced. */
const LEAVINGS = /^(heads|keys|vault|vault\.rest|custody)\.opal\.[0-9a-f]{32}\.tmp$/;

async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (!LEAVINGS.test(name)) continue;
    await rm(join(folder, name), { force: true }).catch(() => undefined);
  }
}
