import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { wipe } from '../../bytes/compare.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { openVaultFile, sealVault } from '../../keys/sealed.ts';
import { writeAtomic } from './atomic-file.ts';
import { KEY_FILE, requirePassphrase } from './vault-folder.ts';
import { lockVault } from './vault-lock.ts';

/**
 * Seal the vault's key file under another passphrase; no key in it changes, so nothing else has to be
 * written. A crash leaves the file under the old passphrase or the new one. Copies made before still
 * open with the old one.
 * @throws VAULT_NOT_FOUND, PASSPHRASE_WRONG, PASSPHRASE_WEAK, VAULT_LOCKED
 */
export async function changePassphrase(
  vault: string,
  passphrase: string,
  next: string,
): Promise<void> {
  requirePassphrase(next);
  const folder = resolve(vault);
  const path = join(folder, KEY_FILE);
  await readFile(path).catch(() => {
    throw new OpalineError('VAULT_NOT_FOUND', { path: vault });
  });
  await using _lock = await lockVault(folder);
  const contents = await openVaultFile(await readFile(path), passphrase, vault);
  try {
    await writeAtomic(path, sealVault(contents, next));
  } finally {
    wipe(contents.master, contents.signing, contents.ring);
  }
}
