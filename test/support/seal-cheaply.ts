import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openVaultFile, sealVault } from '../../src/keys/sealed.ts';

/**
 * Seal a vault's key file at almost no cost, for tests that open it often; and for another store, where one is
 * given.
 */
export async function sealCheaply(
  vault: string,
  passphrase: string,
  store?: string,
): Promise<void> {
  const path = join(vault, 'vault.opal');
  const contents = await openVaultFile(await readFile(path), passphrase, vault);
  const moved = { ...contents, store: store ?? contents.store };
  await writeFile(path, sealVault(moved, passphrase, { memory: 8, passes: 1, parallelism: 1 }));
}
