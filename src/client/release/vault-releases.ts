import { OpalineError } from '../../errors/opaline-error.ts';
import { ReleaseLedger } from '../../gate/release/ledger.ts';
import {
  type BudgetReport,
  type PastRelease,
  type ReleasePreview,
  StatisticalGuard,
} from '../../gate/release/statistical-guard.ts';
import type { PolicyDocument } from '../../policy/document.ts';
import { DEFAULT_SETTINGS } from '../../policy/release/settings.ts';
import type { ChangeHost } from '../changes/host.ts';
import { chosenTables } from '../changes/host.ts';
import type { Planner } from '../known-tables.ts';

type Inside = Pick<ChangeHost, 'folder' | 'link' | 'known'>;

/** A guard over a vault's own ledgers. */
export interface VaultGuard {
  readonly guard: StatisticalGuard;
  /** By table: records of the ledgers that this process looked at. */
  lengths(): Readonly<Record<string, number>>;
  /** @throws LEDGER_INVALID where a ledger has fewer records than are known */
  requireLengths(known: Readonly<Record<string, number>>): Promise<void>;
}

/**
 * The guard of a vault's releases.
 * @param signed how figures of tables are released by a policy that says so: then the file of settings says nothing
 * @throws NOT_YET_AVAILABLE outside of Node, STORE_IO
 */
export async function vaultGuard(
  { folder, link }: Pick<Inside, 'folder' | 'link'>,
  signed: () => Promise<PolicyDocument | undefined> = () => Promise.resolve(undefined),
): Promise<VaultGuard> {
  const place = await folder.host.releases?.();
  if (place === undefined) {
    throw new OpalineError('NOT_YET_AVAILABLE', { feature: 'a ledger of releases in a browser' });
  }
  const { secrets } = folder;
  const keys = {
    records: secrets.localKey('release/records'),
    rows: secrets.localKey('release/rows'),
  };
  const ledgers = new Map<string, ReleaseLedger>();
  const ledgerOf = (table: string): ReleaseLedger => {
    const known = ledgers.get(table) ?? new ReleaseLedger(place.ledger(table), keys);
    ledgers.set(table, known);
    return known;
  };
  const guard = new StatisticalGuard({
    link,
    ledger: ledgerOf,
    settings: async (table) => {
      const releases = (await signed())?.releases;
      if (releases === undefined) return await place.settings(table);
      return Object.hasOwn(releases, table) ? releases[table]! : DEFAULT_SETTINGS;
    },
    now: Date.now,
    wait: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  });
  return {
    guard,
    lengths: () => Object.fromEntries([...ledgers].map(([table, { seen }]) => [table, seen])),
    requireLengths: async (known) => {
      for (const [table, length] of Object.entries(known)) {
        await ledgerOf(table).requireLength(length);
      }
    },
  };
}

/** What the owner asks of releases: nothing is released here. */
export class VaultReleases {
  readonly guard: StatisticalGuard;
  private readonly inside: Inside;

  private constructor(inside: Inside, guard: StatisticalGuard) {
    this.inside = inside;
    this.guard = guard;
  }

  /** @param signed as of `vaultGuard` */
  static async open(
    inside: Inside,
    signed?: () => Promise<PolicyDocument | undefined>,
  ): Promise<VaultReleases> {
    return new VaultReleases(inside, (await vaultGuard(inside, signed)).guard);
  }

  /** What a query would cost and get. @throws DENIED, what planning throws */
  async preview(planner: Planner): Promise<ReleasePreview> {
    const { known } = this.inside;
    return await known.untilSettled(async () => this.guard.preview(await known.plan(planner)));
  }

  /** Of a table, or of all. @throws UNKNOWN_TABLE, LEDGER_INVALID */
  async budgets(table?: string): Promise<readonly (BudgetReport & { readonly table: string })[]> {
    const names = await this.names(table);
    return await Promise.all(
      names.map(async (name) => ({ table: name, ...(await this.guard.budget(name)) })),
    );
  }

  /** Releases of a table, or of all, in their order. @throws UNKNOWN_TABLE, LEDGER_INVALID */
  async history(table?: string): Promise<readonly (PastRelease & { readonly table: string })[]> {
    const names = await this.names(table);
    const all = await Promise.all(
      names.map(async (name) =>
        (await this.guard.history(name)).map((past) => ({ table: name, ...past })),
      ),
    );
    return all.flat().toSorted((a, b) => a.time - b.time);
  }

  private async names(table: string | undefined): Promise<string[]> {
    return chosenTables(await this.inside.known.load(), table).map(({ schema }) => schema.table);
  }
}
