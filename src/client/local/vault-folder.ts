import { readdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { OpalineError } from '../../errors/opaline-error.ts';
import { systemCode } from '../../errors/system-code.ts';
import { generateContents, VaultSecrets } from '../../keys/secret.ts';
import { DEFAULT_COST, type KdfCost, requireCost } from '../../keys/kdf.ts';
import { openVaultFile, sealVault } from '../../keys/sealed.ts';
import { sumParameters } from '../../params/presets.ts';
import { makeFolder } from '../../store/backends/sync-folder.ts';
import { fileAt, writeAtomic } from './atomic-file.ts';
import { Pins } from './pins.ts';
import { ReleaseState } from './release-state.ts';
import { RELEASE_FILE } from './vault-files.ts';
import { nodeHost } from './vault-host.node.ts';
import type { OpenFolder } from './vault-host.ts';
import { WrappingKeys } from './wrapping-keys.ts';

export const KEY_FILE = 'vault.opal';
const PINS_FILE = 'heads.opal';
const WRAPS_FILE = 'keys.opal';

/**
 * Make a vault in an empty or new folder.
 * @throws VAULT_EXISTS, PASSPHRASE_WEAK, USAGE for a cost that is too low or too high
 */
export async function createFolder(
  path: string,
  store: string,
  passphrase: string,
  storeToken = '',
  cost: KdfCost = DEFAULT_COST,
): Promise<OpenFolder> {
  requirePassphrase(passphrase);
  requireCost(cost);
  const folder = resolve(path);
  await makeFolder(folder, 0o700).catch((error: unknown) => {
    if (error instanceof OpalineError) throw error;
    const reason = systemCode(error);
    throw new OpalineError('STORE_IO', { operation: 'creating the vault', reason });
  });
  if ((await readdir(folder)).length > 0) throw new OpalineError('VAULT_EXISTS', { path });
  const contents = await generateContents(sumParameters(48), store, storeToken);
  const secrets = new VaultSecrets(contents);
  try {
    // The key file comes last: a folder without one is no vault yet.
    const pins = await Pins.create(fileAt(join(folder, PINS_FILE)), secrets.localKey('pins'));
    const wraps = await WrappingKeys.create(
      fileAt(join(folder, WRAPS_FILE)),
      secrets.localKey('wraps'),
    );
    await writeAtomic(join(folder, KEY_FILE), sealVault(contents, passphrase, cost));
    const [host, release] = [nodeHost(folder), releaseState(folder, secrets)];
    return { path: folder, secrets, pins, wraps, release, store, storeToken, host };
  } catch (error) {
    await secrets.close();
    // Nothing can be sealed under these keys yet; what stays would be in the way of another attempt.
    for (const file of [KEY_FILE, PINS_FILE, WRAPS_FILE]) {
      await rm(join(folder, file), { force: true }).catch(() => undefined);
    }
    throw error;
  }
}

/** @throws PASSPHRASE_WEAK */
export function requirePassphrase(passphrase: string): void {
  if (passphrase.length > 0) return;
  throw new OpalineError('PASSPHRASE_WEAK', { reason: 'the passphrase is empty' });
}

export interface OpenFolderOptions {
  /** The name of the folder in errors; the path if absent. */
  readonly shownAs?: string;
  /** Called once the passphrase is being stretched, on another thread where there is one: what takes its time fits here. */
  readonly meanwhile?: () => void;
}

/** @throws VAULT_NOT_FOUND, PASSPHRASE_WRONG, VAULT_CORRUPT, VERSION_UNSUPPORTED */
export async function openFolder(
  path: string,
  passphrase: string,
  { shownAs = path, meanwhile }: OpenFolderOptions = {},
): Promise<OpenFolder> {
  const folder = resolve(path);
  let file: Uint8Array;
  try {
    file = await readFile(join(folder, KEY_FILE));
  } catch {
    throw new OpalineError('VAULT_NOT_FOUND', { path });
  }
  const contents = await openVaultFile(file, passphrase, shownAs, meanwhile);
  const secrets = new VaultSecrets(contents);
  const pins = await Pins.load(fileAt(join(folder, PINS_FILE)), secrets.localKey('pins'));
  const wraps = await WrappingKeys.load(
    fileAt(join(folder, WRAPS_FILE)),
    secrets.localKey('wraps'),
  );
  const { store, storeToken } = contents;
  const [host, release] = [nodeHost(folder), releaseState(folder, secrets)];
  return { path: folder, secrets, pins, wraps, release, store, storeToken, host };
}

const releaseState = (folder: string, secrets: VaultSecrets): ReleaseState =>
  new ReleaseState(fileAt(join(folder, RELEASE_FILE)), secrets.localKey('release'));
