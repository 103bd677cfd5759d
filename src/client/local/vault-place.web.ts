import { OpalineError } from '../../errors/opaline-error.ts';
import {
  changing,
  deleteDatabase,
  openDatabase,
  reading,
  resultOf,
} from '../../store/backends/indexeddb-requests.ts';

const FILES = 'files';

/** Where a browser keeps a vault's own files, each sealed. */
export interface VaultPlace extends AsyncDisposable {
  /** For messages. */
  readonly vault: string;
  /** Undefined where there is none. */
  read(name: string): Promise<Uint8Array | undefined>;
  /** All or nothing, and durable where the place is. @throws STORE_IO, STORE_FULL */
  replace(name: string, bytes: Uint8Array): Promise<void>;
  remove(names: readonly string[]): Promise<void>;
}

const databaseOf = (vault: string): string => `opaline/vault/${vault}`;

/** A database of the vault's own, apart from any store's. */
export async function databasePlace(vault: string): Promise<VaultPlace> {
  const database = await openDatabase(databaseOf(vault), [FILES]);
  return {
    vault,
    read: (name) =>
      reading(database, FILES, 'reading the vault', async (files) => {
        const found: unknown = await resultOf(files.get(name));
        return found instanceof Uint8Array ? found : undefined;
      }),
    replace: (name, bytes) =>
      changing(database, FILES, 'writing to the vault', (files) => {
        files.put(bytes.slice(), name);
      }),
    remove: (names) =>
      changing(database, FILES, 'writing to the vault', (files) => {
        for (const name of names) files.delete(name);
      }),
    [Symbol.asyncDispose]: () => Promise.resolve(database.close()),
  };
}

/** Memory: for vaults that end with their page. Their files are sealed all the same. */
export function memoryPlace(vault: string): VaultPlace {
  const files = new Map<string, Uint8Array>();
  return {
    vault,
    read: (name) => Promise.resolve(files.get(name)),
    replace: (name, bytes) => Promise.resolve(void files.set(name, bytes.slice())),
    remove: (names) => Promise.resolve(names.forEach((name) => files.delete(name))),
    [Symbol.asyncDispose]: () => Promise.resolve(files.clear()),
  };
}

/** Delete a vault's own files, and with its keys every answer from its store. @throws STORE_IO */
export async function deletePlace(vault: string): Promise<void> {
  await deleteDatabase(databaseOf(vault));
}

/** @throws USAGE unless the name may be a vault's: it becomes a part of databases' and locks' names */
export function requireVaultName(name: string): void {
  if (/^[\w.-]{1,64}$/.test(name)) return;
  const reason = 'a vault’s name has 1 to 64 letters, digits, dots, dashes and underscores';
  throw new OpalineError('USAGE', { reason });
}
