import { type Cost, NO_COST, plus } from '../dp/budget.ts';
import type { ReleaseSettings } from '../release/settings.ts';

interface Reserved {
  readonly reservation: number;
  readonly cost: Cost;
  readonly budget: Cost;
}

/** What a log says was spent of the privacy budgets of tables. */
export class BudgetHistory {
  private readonly tables = new Map<string, Map<number, Cost>>();

  /** What is wrong with a reservation; undefined: nothing. One that serves again costs nothing more. */
  add(table: string, { reservation, cost, budget }: Reserved): string | undefined {
    const own = this.tables.get(table) ?? new Map<number, Cost>();
    this.tables.set(table, own);
    const before = own.get(reservation);
    if (before !== undefined) {
      return isMore(cost, before) || isMore(before, cost)
        ? `reservation ${reservation} of "${table}" has another cost than before`
        : undefined;
    }
    own.set(reservation, cost);
    const spent = [...own.values()].reduce(plus, NO_COST);
    if (!isMore(spent, budget)) return undefined;
    return `the releases of "${table}" cost more than its privacy budget`;
  }
}

/** What is wrong with a reservation by the settings that a policy has for its table; undefined: nothing, or it has none. */
export function againstSettings(
  { cost, budget }: Reserved,
  settings: ReleaseSettings | undefined,
): string | undefined {
  if (settings === undefined) return undefined;
  if (settings.mode === 'exact') return 'noise, where the policy has exact figures';
  const isOther = isMore(budget, settings.budget) || isMore(cost, settings.query);
  return isOther ? 'a budget or a cost that is not the policy’s' : undefined;
}

function isMore(a: Cost, b: Cost): boolean {
  return a.microEpsilon > b.microEpsilon || a.microRho > b.microRho || a.picoDelta > b.picoDelta;
}
