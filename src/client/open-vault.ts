import type { StoreLink } from '../store/link.ts';
import type { CreateOptions, OpenOptions, Vault } from './api.ts';
import type { OpenFolder } from './local/vault-host.ts';
import { preload } from './preload.ts';
import type { LocalVault } from './vault.ts';

/**
 * Make a vault: secret keys in `path`, which must be new or empty; ciphertexts will go to the store.
 * @throws VAULT_EXISTS, PASSPHRASE_WEAK, USAGE for a cost that is too low or too high, STORE_UNREACHABLE,
 * STORE_UNAUTHORIZED
 */
export async function createVault(path: string, options: CreateOptions): Promise<Vault> {
  const { createStore, resolveStore } = await addresses();
  const { createFolder } = await folders();
  const store = resolveStore(options.store);
  const token = options.storeToken ?? '';
  await createStore(store, token);
  const folder = await createFolder(path, store, options.passphrase, token, options.passphraseCost);
  return await attach(folder, options);
}

/** @throws VAULT_NOT_FOUND, PASSPHRASE_WRONG, VAULT_CORRUPT, STORE_NOT_FOUND */
export async function openVault(path: string, options: OpenOptions): Promise<Vault> {
  return await openLocalVault(path, options);
}

/** The same, with what is for its owner's commands alone. */
export async function openLocalVault(path: string, options: OpenOptions): Promise<LocalVault> {
  return await opened(path, options, (link) => link);
}

/** `openVault` with a link of another's making around that to the store: measuring records what crosses it. */
export async function openVaultThrough(
  path: string,
  options: OpenOptions,
  wrap: (link: StoreLink) => StoreLink,
): Promise<Vault> {
  return await opened(path, options, wrap);
}

async function opened(
  path: string,
  options: OpenOptions,
  wrap: (link: StoreLink) => StoreLink,
): Promise<LocalVault> {
  const { openFolder } = await folders();
  // While the passphrase is stretched on another thread, this one loads what comes next, and no sooner: loading would
  // keep the file from being read.
  const folder = await openFolder(path, options.passphrase, { meanwhile: () => void preload() });
  return await attach(folder, options, wrap);
}

async function attach(
  folder: OpenFolder,
  { store, storeToken, threads }: Pick<OpenOptions, 'store' | 'storeToken' | 'threads'>,
  wrap: (link: StoreLink) => StoreLink = (link) => link,
): Promise<LocalVault> {
  const { openStore, resolveStore } = await addresses();
  const { LocalVault } = await vaults();
  const width = threads ?? Math.min(8, navigator.hardwareConcurrency);
  const address = store === undefined ? folder.store : resolveStore(store);
  // The saved token is for the saved store: another one is not shown it.
  const saved = address === folder.store ? folder.storeToken : '';
  const link = await openStore(address, storeToken ?? saved, width);
  return new LocalVault(folder, wrap(link), width);
}

/** Node's folders and addresses: a browser's program, which makes its vaults elsewhere, has neither. */
const folders = (): Promise<typeof import('./local/vault-folder.ts')> =>
  import('./local/vault-folder.ts');
const addresses = (): Promise<typeof import('./store-address.ts')> => import('./store-address.ts');
/** What answers: much more than it takes to open the folder, which is therefore begun first. */
const vaults = (): Promise<typeof import('./vault.ts')> => import('./vault.ts');
