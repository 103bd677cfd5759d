import { isOpalineError } from '../../../errors/opaline-error.ts';
import type { OpenTable, TablePin } from '../../../gate/open-table.ts';
import type { StoreLink } from '../../../store/link.ts';
import type { OpenOptions } from '../../api.ts';
import { KnownTables } from '../../known-tables.ts';
import type { OpenFolder } from '../../local/vault-host.ts';

/** A vault that is assessed: its folder, and its tables as the store has them. */
export interface Inside extends AsyncDisposable {
  readonly folder: OpenFolder;
  readonly link: StoreLink;
  /** Its tables at their newest epoch, verified against the pins. */
  tables(): Promise<readonly OpenTable[]>;
  /** Remember the newest head of the audit log for good, if no other process is writing to the vault. */
  pin(pin: TablePin): Promise<void>;
}

/** @throws what opening a vault and its store does */
export async function openInside(path: string, options: OpenOptions): Promise<Inside> {
  const [{ openFolder }, { openStore, resolveStore }] = await Promise.all([
    import('../../local/vault-folder.ts'),
    import('../../store-address.ts'),
  ]);
  const folder = await openFolder(path, options.passphrase);
  const address = options.store === undefined ? folder.store : resolveStore(options.store);
  // The saved token is for the saved store: another one is not shown it.
  const saved = address === folder.store ? folder.storeToken : '';
  const link = await openStore(address, options.storeToken ?? saved, options.threads ?? 1);
  const { pins, host, secrets } = folder;
  // What a reader saw of a table is left to its next writer to pin.
  const known = new KnownTables(folder, link, (pin) => Promise.resolve(pins.remember(pin)));
  return {
    folder,
    link,
    tables: () => known.load(),
    pin: async (pin) => {
      try {
        await using _ = await host.lock();
        await pins.advance(pin);
      } catch (error) {
        // A log may be ahead of what is pinned of it: who writes now need not be waited for.
        if (!isOpalineError(error, 'VAULT_LOCKED')) throw error;
        pins.remember(pin);
      }
    },
    [Symbol.asyncDispose]: async () => {
      await link[Symbol.asyncDispose]();
      await secrets.close();
    },
  };
}
