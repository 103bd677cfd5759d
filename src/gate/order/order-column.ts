import type { OrderTerm } from '../../plan/physical.ts';
import { bucketEdges, histogramText } from '../../plan/histogram.ts';
import type { Column } from '../../table/schema.ts';
import type { Value } from '../../table/value.ts';
import { type Key, keyOf, valueOf } from './key.ts';
import { type Answer, distinctAmong, type Piece, rankAmong, spreadOver } from './pieces.ts';
import { isExact, type Unit } from './units.ts';

/** Values of one group in an opened unit, ascending, and how many rows have each. */
export interface Spread {
  readonly keys: Key[];
  readonly counts: number[];
}

/** Rows of one group by unit, and by value those that are in no segment. */
interface Held {
  readonly units: Map<number, number>;
  readonly pending: Map<Key, number>;
}

/** What is known of the order of one column, group by group, while rounds narrow it down. */
export class OrderColumn {
  readonly index: number;
  readonly column: Column;
  /** Units that were split stay, and hold no rows. */
  readonly units: Unit[];
  /** No row was filtered out: a unit's least and greatest values are there. */
  private readonly whole: boolean;
  private readonly groups = new Map<string, Held>();
  /** Units that were split. */
  private readonly gone = new Set<number>();
  private readonly opened = new Map<number, ReadonlyMap<string, Spread>>();

  constructor(index: number, column: Column, units: readonly Unit[], whole: boolean) {
    this.whole = whole;
    this.index = index;
    this.column = column;
    this.units = [...units];
  }

  /** `count` rows of a group are in a unit. */
  add(group: string, unit: number, count: number): void {
    const { units } = this.held(group);
    units.set(unit, (units.get(unit) ?? 0) + count);
  }

  /** A row of a group that is in no segment. */
  addPending(group: string, cell: NonNullable<Value>): void {
    const { pending } = this.held(group);
    const key = keyOf(cell);
    pending.set(key, (pending.get(key) ?? 0) + 1);
  }

  /** Rows of a group in the units. */
  stored(group: string): number {
    return sum(this.groups.get(group)?.units.values() ?? []);
  }

  /** Rows of every group in the units. */
  storedRows(): Map<string, number> {
    return new Map(Array.from(this.groups, ([group, { units }]) => [group, sum(units.values())]));
  }

  /** Rows of a group in one unit. */
  count(group: string, unit: number): number {
    return this.groups.get(group)?.units.get(unit) ?? 0;
  }

  /**
   * Whether the metadata allows the counts of each unit: no more rows than have such values, and as many
   * where `complete`: no row was filtered out, and none is deleted.
   */
  isPossible(complete: boolean): boolean {
    const rows = this.units.map(() => 0);
    for (const { units } of this.groups.values()) {
      for (const [unit, count] of units) rows[unit]! += count;
    }
    return this.units.every((unit, i) =>
      complete && !this.gone.has(i) ? rows[i] === unit.rows : rows[i]! <= unit.rows,
    );
  }

  /** Put finer units in the place of one; their rows are to be added. */
  split(unit: number, parts: readonly Unit[]): number[] {
    this.gone.add(unit);
    for (const { units } of this.groups.values()) units.delete(unit);
    return parts.map((part) => this.units.push(part) - 1);
  }

  /** The values of the groups that asked for them. */
  open(unit: number, spreads: ReadonlyMap<string, Spread>): void {
    const known = this.opened.get(unit);
    this.opened.set(unit, known === undefined ? spreads : new Map([...known, ...spreads]));
  }

  /** Terms of a group, or the units that must be opened or split first. */
  answers(group: string, terms: readonly OrderTerm[]): Answer<Value>[] {
    const pieces = this.pieces(group);
    const rows = pieces.reduce((all, { count }) => all + count, 0);
    return terms.map((term) => this.answer(term, pieces, rows));
  }

  private answer(term: OrderTerm, pieces: readonly Piece[], rows: number): Answer<Value> {
    const { type, scale } = this.column;
    if (term.kind === 'distinct') {
      const distinct = distinctAmong(pieces);
      return 'open' in distinct ? distinct : { value: BigInt(distinct.value) };
    }
    if (rows === 0) return { value: null };
    if (term.kind === 'rank') {
      const found = rankAmong(pieces, rankOf(term, rows));
      return 'open' in found ? found : { value: valueOf(found.value, type) };
    }
    const [least, most] = [rankAmong(pieces, 0), rankAmong(pieces, rows - 1)];
    if ('open' in least || 'open' in most) {
      return { open: [least, most].flatMap((end) => ('open' in end ? end.open : [])) };
    }
    const [low, high] = [BigInt(least.value), BigInt(most.value)];
    const edges = low === high ? [] : bucketEdges(low, high, term.buckets).map(keyOf);
    const spread = spreadOver(pieces, edges);
    if ('open' in spread) return spread;
    return { value: histogramText(low, high, spread.value, scale) };
  }

  private pieces(group: string): Piece[] {
    const held = this.groups.get(group);
    if (held === undefined) return [];
    const pieces: Piece[] = [];
    const exact = (key: Key, count: number): void =>
      void pieces.push({ low: key, high: key, count, unit: -1 });
    held.pending.forEach((count, key) => exact(key, count));
    for (const [unit, count] of held.units) {
      const spread = this.opened.get(unit)?.get(group);
      const { low, high } = this.units[unit]!;
      if (spread !== undefined) spread.keys.forEach((key, i) => exact(key, spread.counts[i]!));
      else if (isExact(this.units[unit]!)) exact(low, count);
      else if (this.whole) {
        exact(low, 1);
        exact(high, 1);
        if (count > 2) pieces.push({ low, high, count: count - 2, unit });
      } else pieces.push({ low, high, count, unit });
    }
    return pieces;
  }

  private held(group: string): Held {
    const known = this.groups.get(group);
    if (known !== undefined) return known;
    const made: Held = { units: new Map(), pending: new Map() };
    this.groups.set(group, made);
    return made;
  }
}

/** See RankTerm. */
function rankOf(
  { fraction, rounding }: Extract<OrderTerm, { kind: 'rank' }>,
  rows: number,
): number {
  const { numerator, denominator } = fraction;
  const n = BigInt(rows);
  const up = (a: bigint): bigint => (a + denominator - 1n) / denominator;
  switch (rounding) {
    case 'down':
      return Number((numerator * (n - 1n)) / denominator);
    case 'up':
      return Number(up(numerator * (n - 1n)));
    case 'disc':
      return Math.max(0, Number(up(numerator * n)) - 1);
    default:
      return rounding satisfies never;
  }
}

function sum(counts: Iterable<number>): number {
  let all = 0;
  for (const count of counts) all += count;
  return all;
}
