import { cpSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createVault, openVault } from '../../src/client/open-vault.ts';
import type { Vault } from '../../src/client/api.ts';
import { FileBackend } from '../../src/store/backends/file.ts';
import { parseManifest, partsOf } from '../../src/table/manifest.ts';
import type { Trial } from './survival.ts';
import { PASSPHRASE } from './vaults.ts';
import { begin, cheapen, type Start } from './write-operations.ts';

/** A vault and its store, both folders on a disk. */
export interface DiskTrial extends Trial {
  /** Holds the folders `vault` and `store`. */
  readonly folder: string;
  readonly vault: string;
  open(passphrase?: string): Promise<Vault>;
}

/** Vaults on disk with a table to begin with; every trial gets a copy of one. */
export class Disk implements Disposable {
  readonly base: string = realpathSync(mkdtempSync(join(tmpdir(), 'opaline-disk-')));
  private readonly made = new Set<Start>();
  private copies = 0;

  async trial(start: Start): Promise<DiskTrial> {
    const origin = join(this.base, start);
    if (!this.made.has(start)) {
      const options = { store: join(origin, 'store'), passphrase: PASSPHRASE, threads: 0 };
      await using vault = await createVault(join(origin, 'vault'), options);
      await begin(vault, start);
      await cheapen(vault.path);
      this.made.add(start);
    }
    const folder = join(this.base, `copy-${this.copies++}`);
    cpSync(origin, folder, { recursive: true });
    await cheapen(join(folder, 'vault'), join(folder, 'store'));
    return diskTrial(folder);
  }

  [Symbol.dispose](): void {
    rmSync(this.base, { recursive: true, force: true });
  }
}

/** What is in a folder that holds `vault` and `store`. */
export function diskTrial(folder: string): DiskTrial {
  const [vault, store] = [join(folder, 'vault'), join(folder, 'store')];
  return {
    folder,
    vault,
    open: (passphrase = PASSPHRASE) => openVault(vault, { passphrase, threads: 0 }),
    store: { orphans: () => orphansOf(store) },
  };
}

/** Parts in a store's folder that no head names. */
async function orphansOf(store: string): Promise<string[]> {
  await using backend = new FileBackend(store);
  const found: string[] = [];
  for (const table of readdirSync(store)) {
    const head = await backend.head(table);
    const named = new Set(head && [...partsOf(parseManifest(head))].map(({ id }) => id));
    const parts = await backend.parts(table);
    found.push(...parts.map(({ id }) => id).filter((id) => !named.has(id)));
  }
  return found;
}
