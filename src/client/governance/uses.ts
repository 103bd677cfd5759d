import { z } from 'zod';
import { randomId } from '../../bytes/random.ts';
import type { Use } from '../../policy/limit.ts';
import type { SealedJson } from './sealed-json.ts';

const time = z.int().min(0);
const count = z.int().min(0);

const use: z.ZodType<StoredUse> = z.strictObject({
  id: z.string().regex(/^([0-9a-f]{32})?$/),
  time,
  queries: count,
  cells: count,
});

/** Queries and cells that count from a time on. */
export interface StoredUse {
  /** Of a use that is not settled: 32 hex digits; '' of those that are. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly queries: number;
  readonly cells: number;
}

export interface UsesValue {
  readonly uses: Readonly<Record<string, readonly StoredUse[]>>;
}

/** What uses.opal holds: by principal and purpose. */
export const usesForm: z.ZodType<UsesValue> = z.strictObject({
  uses: z.record(z.string().max(200), z.array(use).max(1_000_000)),
});

/** Longer than any period of a limit: older uses are forgotten. */
const KEPT_MS = 366 * 86_400_000;
/** Uses of an hour are counted as one of its end once they are older than the next: they count a little longer. */
const MERGED_MS = 3_600_000;

/** A use that was counted before its answer is known. */
export interface Reserved {
  readonly key: string;
  readonly id: string;
}

/** What was asked and released, to be held against quotas. A use is on the disk before any work is done for it. */
export class Uses {
  private readonly file: SealedJson<UsesValue>;

  constructor(file: SealedJson<UsesValue>) {
    this.file = file;
  }

  async of(
    principal: string,
    purpose: string,
  ): Promise<{ readonly queries: readonly Use[]; readonly cells: readonly Use[] }> {
    const uses = (await this.file.read()).uses[keyOf(principal, purpose)] ?? [];
    return {
      queries: uses.map(({ time: at, queries }) => ({ time: at, amount: queries })),
      cells: uses.map(({ time: at, cells }) => ({ time: at, amount: cells })),
    };
  }

  /** Count a query, and as many cells as its result may have. Durable when it resolves. */
  async reserve(principal: string, purpose: string, cells: number, now: number): Promise<Reserved> {
    const reserved = { key: keyOf(principal, purpose), id: randomId() };
    await this.change(reserved.key, (uses) => [
      ...merged(uses, now),
      { id: reserved.id, time: now, queries: 1, cells },
    ]);
    return reserved;
  }

  /** So many cells were released in the end. */
  async settle({ key, id }: Reserved, cells: number): Promise<void> {
    await this.change(key, (uses) =>
      uses.map((one) => (one.id === id ? { ...one, id: '', cells } : one)),
    );
  }

  /** Nothing was released for it. */
  async cancel({ key, id }: Reserved): Promise<void> {
    await this.change(key, (uses) => uses.filter((one) => one.id !== id));
  }

  private async change(
    key: string,
    run: (uses: readonly StoredUse[]) => readonly StoredUse[],
  ): Promise<void> {
    await this.file.change(({ uses }) => ({ uses: { ...uses, [key]: run(uses[key] ?? []) } }));
  }
}

/** Names have no space. */
const keyOf = (principal: string, purpose: string): string => `${principal} ${purpose}`;

function merged(uses: readonly StoredUse[], now: number): StoredUse[] {
  const hours = new Map<number, StoredUse>();
  const others: StoredUse[] = [];
  for (const one of uses) {
    if (one.time <= now - KEPT_MS) continue;
    const end = Math.floor(one.time / MERGED_MS) * MERGED_MS + MERGED_MS;
    if (end + MERGED_MS > now) {
      others.push(one);
      continue;
    }
    const { queries = 0, cells = 0 } = hours.get(end) ?? {};
    hours.set(end, {
      id: '',
      time: end,
      queries: queries + one.queries,
      cells: cells + one.cells,
    });
  }
  return [...hours.values(), ...others];
}
