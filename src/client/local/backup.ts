import { readdir, readFile, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { randomId } from '../../bytes/random.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { systemCode } from '../../errors/system-code.ts';
import { makeFolder, syncFolder } from '../../store/backends/sync-folder.ts';
import { checkCustodyLog, readCustodyLog } from '../custody/log-backup.ts';
import { checkGovernance, readGovernance } from '../governance/backup-files.ts';
import { writeAtomic } from './atomic-file.ts';
import { encodeBackup, parseBackup } from './backup-format.ts';
import { FURTHER_FILES, VAULT_FILES } from './vault-files.ts';
import { readReleases } from './release-place.ts';
import { openFolder } from './vault-folder.ts';

/**
 * Copy a vault's files, sealed as they are, into one. Needs no passphrase and waits for no writer of tables: the
 * files are read in an order in which a later one is never too old for an earlier one. (A pin read
 * before an erasure may meet the key of after it, which opens what the store then holds.) Policy, consents and log
 * come last, as they are at one moment, and continue what is pinned of the log.
 *
 * The ciphertexts are not in it: they are the store's. It opens with the passphrase of this moment.
 * @throws VAULT_NOT_FOUND
 */
export async function backupVault(vault: string, file: string): Promise<void> {
  const folder = resolve(vault);
  const files = new Map<string, Uint8Array>();
  for (const name of VAULT_FILES) {
    files.set(
      name,
      await readFile(join(folder, name)).catch(() => {
        throw new OpalineError('VAULT_NOT_FOUND', { path: vault });
      }),
    );
  }
  for (const name of FURTHER_FILES) {
    const bytes = await readFile(join(folder, name)).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw new OpalineError('VAULT_NOT_FOUND', { path: vault });
    });
    if (bytes !== undefined) files.set(name, bytes);
  }
  for (const [name, bytes] of await readGovernance(folder)) files.set(name, bytes);
  // After the log: of a ledger that is older than the log says nothing would be released.
  for (const [name, bytes] of await readReleases(folder)) files.set(name, bytes);
  for (const [name, bytes] of await readCustodyLog(folder)) files.set(name, bytes);
  await writeAtomic(resolve(file), encodeBackup(files));
}

/**
 * Make a vault of a backup, in a folder that is new or empty. It appears whole or not at all, and only
 * once the passphrase has opened it. Consents, principals, quotas and what was released are those of the moment of the backup:
 * whoever withdrew since, or was revoked, is to be withdrawn or revoked again, and later releases are not remembered.
 * Custodians of a divided key who were asked since refuse it, until they are told to take its log as it comes.
 * @throws BACKUP_INVALID, VAULT_EXISTS, PASSPHRASE_WRONG, VAULT_CORRUPT, STORE_IO
 */
export async function restoreVault(vault: string, file: string, passphrase: string): Promise<void> {
  const files = parse(await read(file), file);
  const folder = resolve(vault);
  const exists = (): OpalineError => new OpalineError('VAULT_EXISTS', { path: vault });
  const present = await readdir(folder).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return [];
    throw systemCode(error) === 'ENOTDIR' ? exists() : failed(error);
  });
  if (present.length > 0) throw exists();
  const aside = `${folder}.${randomId()}.tmp`;
  try {
    await makeFolder(aside, 0o700);
    for (const [name, bytes] of files) {
      await makeFolder(dirname(join(aside, name)), 0o700);
      await writeAtomic(join(aside, name), bytes);
    }
    const opened = await openFolder(aside, passphrase, { shownAs: vault });
    try {
      await opened.release?.frozenSince();
      await checkGovernance(opened);
      await checkCustodyLog(opened);
    } finally {
      await opened.secrets.close();
    }
    // An empty folder is replaced by some systems' rename and is in the way of others'. One that is no
    // longer empty stays, and is in the way.
    await rmdir(folder).catch((error: unknown) => {
      if (systemCode(error) !== 'ENOENT')
        throw systemCode(error) === 'ENOTEMPTY' ? exists() : error;
    });
    await rename(aside, folder);
    await syncFolder(dirname(folder));
  } catch (error) {
    throw error instanceof OpalineError ? error : failed(error);
  } finally {
    await rm(aside, { recursive: true, force: true }).catch(() => undefined);
  }
}

const failed = (error: unknown): OpalineError =>
  new OpalineError('STORE_IO', { operation: 'a vault’s backup', reason: systemCode(error) });

async function read(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch {
    throw new OpalineError('BACKUP_INVALID', { path: file, reason: 'it cannot be read' });
  }
}

function parse(bytes: Uint8Array, file: string): Map<string, Uint8Array> {
  try {
    return parseBackup(bytes, 'the backup');
  } catch (error) {
    if (error instanceof OpalineError && error.code === 'BYTES_INVALID') {
      throw new OpalineError('BACKUP_INVALID', { path: file, reason: error.message });
    }
    throw error;
  }
}
