import { OpalineError } from '../../errors/opaline-error.ts';
import { generateContents, VaultSecrets } from '../../keys/secret.ts';
import { openVaultFile, sealVault } from '../../keys/sealed.ts';
import { sumParameters } from '../../params/presets.ts';
import type { KeptFile } from './kept-file.ts';
import { Pins } from './pins.ts';
import type { OpenFolder } from './vault-host.ts';
import { webHost } from './vault-host.web.ts';
import type { VaultPlace } from './vault-place.web.ts';
import { WrappingKeys } from './wrapping-keys.ts';

const [KEY_FILE, PINS_FILE, WRAPS_FILE] = ['vault.opal', 'heads.opal', 'keys.opal'] as const;

/**
 * Make a vault in a place of a browser that holds none. The files, and what seals them, are those of a folder.
 * @throws VAULT_EXISTS, PASSPHRASE_WEAK, VAULT_LOCKED
 */
export async function createInPlace(
  place: VaultPlace,
  store: string,
  passphrase: string,
  storeToken = '',
): Promise<OpenFolder> {
  if (passphrase === '') {
    throw new OpalineError('PASSPHRASE_WEAK', { reason: 'the passphrase is empty' });
  }
  const host = webHost(place.vault);
  await using _lock = await host.lock();
  if ((await place.read(KEY_FILE)) !== undefined) {
    throw new OpalineError('VAULT_EXISTS', { path: place.vault });
  }
  const contents = await generateContents(sumParameters(48), store, storeToken);
  const secrets = new VaultSecrets(contents);
  try {
    // The key file comes last: without one there is no vault yet.
    const pins = await Pins.create(keptFile(place, PINS_FILE), secrets.localKey('pins'));
    const wraps = await WrappingKeys.create(keptFile(place, WRAPS_FILE), secrets.localKey('wraps'));
    await place.replace(KEY_FILE, sealVault(contents, passphrase));
    return { path: place.vault, secrets, pins, wraps, store, storeToken, host };
  } catch (error) {
    await secrets.close();
    await place.remove([KEY_FILE, PINS_FILE, WRAPS_FILE]).catch(() => undefined);
    throw error;
  }
}

/** @throws VAULT_NOT_FOUND, PASSPHRASE_WRONG, VAULT_CORRUPT, VERSION_UNSUPPORTED */
export async function openInPlace(place: VaultPlace, passphrase: string): Promise<OpenFolder> {
  const { vault } = place;
  const file = await place.read(KEY_FILE);
  if (file === undefined) throw new OpalineError('VAULT_NOT_FOUND', { path: vault });
  const contents = await openVaultFile(file, passphrase, vault);
  const secrets = new VaultSecrets(contents);
  try {
    const pins = await Pins.load(keptFile(place, PINS_FILE), secrets.localKey('pins'));
    const wraps = await WrappingKeys.load(keptFile(place, WRAPS_FILE), secrets.localKey('wraps'));
    const { store, storeToken } = contents;
    return { path: vault, secrets, pins, wraps, store, storeToken, host: webHost(vault) };
  } catch (error) {
    await secrets.close();
    throw error;
  }
}

function keptFile(place: VaultPlace, name: string): KeptFile {
  return {
    vault: place.vault,
    name,
    read: async () => {
      const bytes = await place.read(name);
      if (bytes === undefined) throw new Error('no such file');
      return bytes;
    },
    replace: (bytes) => place.replace(name, bytes),
  };
}
