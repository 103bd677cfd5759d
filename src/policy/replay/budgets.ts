import { type Cost, NO_COST, plus } from '../dp/budget.ts';

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

function isMore(a: Cost, b: Cost): boolean {
  return a.microEpsilon > b.microEpsilon || a.microRho > b.microRho || a.picoDelta > b.picoDelta;
}
