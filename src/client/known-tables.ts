import { isOpalineError } from '../errors/opaline-error.ts';
import { OpenTable, type TablePin, type TableSecrets } from '../gate/open-table.ts';
import type { VaultSecrets } from '../keys/secret.ts';
import type { Plan } from '../plan/physical.ts';
import type { Catalog } from '../plan/plan-query.ts';
import type { StoreLink } from '../store/link.ts';
import type { Schema } from '../table/schema.ts';
import type { Pins } from './local/pins.ts';
import type { WrappingKeys } from './local/wrapping-keys.ts';

export type Planner = (catalog: Catalog) => Promise<Plan>;

/** What of a vault's folder its tables are opened with. */
export interface TableFolder {
  readonly pins: Pins;
  readonly secrets: VaultSecrets;
  readonly wraps: WrappingKeys;
}

/** A table may be rewritten while a query runs on it: the query starts over, this often at most. */
const ATTEMPTS = 16;

/** A vault's tables as its store has them, each verified against the pins and kept while its head is the same. */
export class KnownTables {
  private readonly folder: TableFolder;
  private readonly link: StoreLink;
  private readonly pin: (pin: TablePin) => Promise<void>;
  private readonly opened = new Map<string, OpenTable>();

  /** @param pin remembers an epoch that a reader saw */
  constructor(folder: TableFolder, link: StoreLink, pin: (pin: TablePin) => Promise<void>) {
    this.folder = folder;
    this.link = link;
    this.pin = pin;
  }

  /** All of them at their newest epoch, by name. */
  async load(locked: 'locked' | 'unlocked' = 'unlocked'): Promise<OpenTable[]> {
    const { pins } = this.folder;
    if (locked === 'locked') await pins.refresh();
    const ids = new Set([...(await this.link.tables()), ...pins.tables()]);
    const tables: OpenTable[] = [];
    for (const id of ids) {
      const table = await this.loadOne(id, locked);
      if (table !== undefined) tables.push(table);
    }
    return tables.sort((a, b) => (a.schema.table < b.schema.table ? -1 : 1));
  }

  /** A plan, and the table that it is on as it is now. */
  async plan(planner: Planner): Promise<{ plan: Plan; table: OpenTable }> {
    const known = await this.planAsKnown(planner);
    if (known !== undefined) return known;
    const tables = await this.load();
    const plan = await planner({ schemas: schemasOf(tables) });
    return { plan, table: tables.find(({ schema }) => schema.table === plan.table)! };
  }

  /** Run a read; again where a writer published, and removed what it replaced, meanwhile. */
  async untilSettled<T>(run: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const before = this.epochs();
      try {
        return await run();
      } catch (error) {
        const raced =
          isOpalineError(error, 'EPOCH_CONFLICT') || isOpalineError(error, 'PART_MISSING');
        if (!raced || attempt === ATTEMPTS) throw error;
        await this.load();
        if (this.epochs() === before && attempt > 1) throw error;
      }
    }
  }

  /**
   * A plan on the tables as they were last seen, which holds where the head of the one that it is on is still
   * the same: the others' need not be asked for. Undefined where something is new, or refused; what is said
   * then is of the tables as they are.
   */
  private async planAsKnown(
    planner: Planner,
  ): Promise<{ plan: Plan; table: OpenTable } | undefined> {
    const tables = [...this.opened.values()];
    if (tables.length === 0) return undefined;
    let plan: Plan;
    try {
      plan = await planner({ schemas: schemasOf(tables) });
    } catch {
      return undefined;
    }
    const table = tables.find(({ schema }) => schema.table === plan.table)!;
    return (await this.loadOne(table.id, 'unlocked')) === table ? { plan, table } : undefined;
  }

  /** One of them; undefined where it is another owner's. */
  private async loadOne(id: string, locked: 'locked' | 'unlocked'): Promise<OpenTable | undefined> {
    const { pins, secrets, wraps } = this.folder;
    const tableSecrets: TableSecrets = {
      publicKey: secrets.publicKey,
      manifestKey: (table) => secrets.manifestKey(table),
      wrappingKey: (table, key) => wraps.find(table, key),
    };
    const known = this.opened.get(id);
    const table = await OpenTable.load(this.link, tableSecrets, id, pins.get(id), known);
    if (table === undefined) return undefined;
    if (pins.isNewer(table.pin)) {
      await (locked === 'locked' ? pins.advance(table.pin) : this.pin(table.pin));
    }
    // An erasure or rotation that died between its publication and its end is ended here.
    if (locked === 'locked') await wraps.settle(id, table.wrap);
    this.opened.set(id, table);
    return table;
  }

  private epochs(): string {
    return [...this.opened.values()].map(({ id, manifest }) => `${id}${manifest.epoch}`).join();
  }
}

export const schemasOf = (tables: readonly OpenTable[]): ReadonlyMap<string, Schema> =>
  new Map(tables.map(({ schema }) => [schema.table, schema]));
