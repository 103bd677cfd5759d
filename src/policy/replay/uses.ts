import { isWithin, type Use } from '../limit.ts';
import type { Limit } from '../document.ts';

/** A use that an intent counted, and what became of it. */
export interface LoggedUse {
  readonly index: number;
  /** When the policy decided that it was within the limits. */
  readonly decided: number;
  /** Cells at most, as it asked for them. */
  readonly most: number;
  /** What was released in the end, once that is known. */
  cells: number;
  /** The entry from which on it counted no more: the request began anew. */
  cancelled: number;
  readonly quota: Limit;
  readonly derived: Limit;
}

/**
 * What principals asked for purposes, held against their limits as a log shows it: never more than what was counted,
 * so that what exceeds a limit here exceeded it.
 */
export class UseHistory {
  private readonly uses = new Map<string, LoggedUse[]>();

  add(principal: string, purpose: string, use: LoggedUse): LoggedUse {
    const key = JSON.stringify([principal, purpose]);
    const own = this.uses.get(key) ?? [];
    own.push(use);
    this.uses.set(key, own);
    return use;
  }

  /** Entries that went beyond a limit, once the whole log was read, and which. */
  *exceeded(): Generator<{ readonly index: number; readonly limit: 'queries' | 'cells' }> {
    for (const own of this.uses.values()) {
      for (const [i, { index, decided, quota, derived, most }] of own.entries()) {
        const before = own.slice(0, i).filter((one) => one.cancelled > index);
        const as = (amount: (use: LoggedUse) => number): Use[] =>
          before.map((one) => ({ time: one.decided, amount: amount(one) }));
        const queries = as(() => 1);
        if (!isWithin(quota, queries, 1, decided)) yield { index, limit: 'queries' };
        const released = as((use) => use.cells);
        if (!isWithin(derived, released, most, decided)) yield { index, limit: 'cells' };
      }
    }
  }
}
