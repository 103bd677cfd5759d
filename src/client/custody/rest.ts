import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { wipe } from '../../bytes/compare.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { openVaultFile } from '../../keys/sealed.ts';
import type { KeyShare, ShareSet } from '../../keys/shares.ts';
import { putToRest, readShareSet, wakeUp } from '../../keys/vault-at-rest.ts';
import { syncFolder } from '../../store/backends/sync-folder.ts';
import { writeAtomic } from '../local/atomic-file.ts';
import { CUSTODY_FILE } from '../local/vault-files.ts';
import { KEY_FILE } from '../local/vault-folder.ts';
import { lockVault } from '../local/vault-lock.ts';

/** In the place of the key file while a vault is at rest. */
export const REST_FILE = 'vault.rest.opal';

/** What is known of a vault's custody without opening it. */
export interface CustodyStatus {
  /** The division that the vault rests under; undefined while its key file is there. */
  readonly rest: ShareSet | undefined;
  /** Whether a ring secret was divided among custodians. */
  readonly divided: boolean;
}

/**
 * Put a vault to rest: its key file is sealed under a key that exists in shares alone, and removed. Fewer shares than
 * the threshold say nothing of it, and with enough of them the passphrase is still needed.
 *
 * `handOver` is given the shares before the key file goes: where it fails, the vault is as it was.
 * @throws PASSPHRASE_WRONG, SHARES_INVALID, VAULT_NOT_FOUND, VAULT_LOCKED
 */
export async function splitVault(
  vault: string,
  passphrase: string,
  threshold: number,
  count: number,
  handOver: (shares: readonly KeyShare[]) => Promise<void>,
): Promise<void> {
  const folder = resolve(vault);
  const path = join(folder, KEY_FILE);
  await requireFile(path, vault);
  await using _lock = await lockVault(folder);
  const keyFile = new Uint8Array(await readFile(path));
  // What nobody could open again is not put away.
  const contents = await openVaultFile(keyFile, passphrase, vault);
  wipe(contents.master, contents.signing, contents.ring);
  const { file, shares } = await putToRest(keyFile, threshold, count);
  try {
    await handOver(shares);
    await writeAtomic(join(folder, REST_FILE), file);
    await rm(path);
    await syncFolder(folder);
  } finally {
    wipe(...shares.map(({ bytes }) => bytes));
  }
}

/**
 * Wake a vault up with enough shares; it opens with the passphrase that it had.
 * @throws SHARES_INVALID, VAULT_NOT_FOUND where none rests there, VAULT_CORRUPT, VAULT_LOCKED
 */
export async function joinVault(vault: string, shares: readonly KeyShare[]): Promise<void> {
  const folder = resolve(vault);
  const rest = join(folder, REST_FILE);
  await requireFile(rest, vault);
  await using _lock = await lockVault(folder);
  const keyFile = await asCorrupt(vault, async () =>
    wakeUp(new Uint8Array(await readFile(rest)), shares),
  );
  await writeAtomic(join(folder, KEY_FILE), keyFile);
  await rm(rest);
  await syncFolder(folder);
}

/** @throws VAULT_NOT_FOUND, VAULT_CORRUPT */
export async function custodyStatus(vault: string): Promise<CustodyStatus> {
  const folder = resolve(vault);
  const names = await readdir(folder).catch((): string[] => []);
  if (!names.includes(KEY_FILE) && !names.includes(REST_FILE)) {
    throw new OpalineError('VAULT_NOT_FOUND', { path: vault });
  }
  const divided = names.includes(CUSTODY_FILE);
  if (names.includes(KEY_FILE)) return { rest: undefined, divided };
  const file = new Uint8Array(await readFile(join(folder, REST_FILE)));
  return { rest: await asCorrupt(vault, () => Promise.resolve(readShareSet(file))), divided };
}

async function requireFile(path: string, vault: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new OpalineError('VAULT_NOT_FOUND', { path: vault });
}

async function asCorrupt<T>(path: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof OpalineError) || error.code !== 'BYTES_INVALID') throw error;
    throw new OpalineError('VAULT_CORRUPT', { path, reason: error.message });
  }
}
