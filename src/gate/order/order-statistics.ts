import { shuffled } from '../../bytes/permutation.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { SparseCounts } from '../../plan/fragment.ts';
import { groupRows, keyText } from '../../plan/interpret.ts';
import { type AggregatePlan, isLinear, type OrderTerm } from '../../plan/physical.ts';
import type { CallOptions, StoreLink } from '../../store/link.ts';
import type { Value } from '../../table/value.ts';
import { ask, type StoredGroup, type Tallies } from '../aggregate.ts';
import { GROUP_LIMIT } from '../group-values.ts';
import type { NodeCompiler } from '../row-nodes.ts';
import type { Sources } from '../sources.ts';
import { openUnits, type Wants } from './open-units.ts';
import { OrderColumn } from './order-column.ts';
import {
  blocksUnit,
  type Demand,
  isExact,
  segmentOrder,
  type SegmentOrder,
  type Unit,
} from './units.ts';

/** Tallies of one fragment at most (plan/fragment-codec.ts). */
const MOST_TALLIES = 1 << 20;
/** A run of blocks is opened as it is, not counted block by block first, up to this many. */
const OPEN_AT_ONCE = 2;

/**
 * MIN, MAX, quantiles, histograms and counts of distinct values, of all groups at once. The store counts
 * each group's rows among neighbouring values; here it follows in which blocks of 1,024 rows the
 * ranks lie that are asked for; those blocks are opened, and the store says which of their rows count.
 */
export class OrderStatistics {
  /** Counts that travel with the first round. */
  readonly tallies: Tallies;
  private readonly plan: AggregatePlan;
  private readonly sources: Sources;
  /** Every row counts and none is in a group: what a segment's metadata says is what is so. */
  readonly everyRow: boolean;
  /** No row is filtered out, and none is deleted. */
  private readonly complete: boolean;
  private readonly columns: readonly ColumnTerms[];
  private readonly slots: readonly Slot[];
  private readonly results = new Map<string, Map<number, Value>>();

  private constructor(
    plan: AggregatePlan,
    sources: Sources,
    complete: boolean,
    columns: readonly ColumnTerms[],
  ) {
    this.complete = complete;
    const everyRow = complete && plan.groupBy.length === 0;
    this.plan = plan;
    this.sources = sources;
    this.everyRow = everyRow;
    this.columns = columns;
    this.slots = everyRow ? [] : slotsOf(columns);
    this.tallies = talliesOf(this.slots);
    for (const { order } of columns) noteUses(order, everyRow, sources);
  }

  /** @throws GROUP_LIMIT for columns of more values than one round can count */
  static async load(
    plan: AggregatePlan,
    sources: Sources,
    complete: boolean,
  ): Promise<OrderStatistics> {
    const { table, metas } = sources;
    const everyRow = complete && plan.groupBy.length === 0;
    const terms = plan.terms.flatMap((term, i) => (isLinear(term) ? [] : [{ term, i }]));
    const byColumn = Map.groupBy(terms, ({ term }) => term.column);
    const columns = await Promise.all(
      [...byColumn].map(async ([name, own]): Promise<ColumnTerms> => {
        const index = table.columnIndex(name);
        const demand = demandOf(own.map(({ term }) => term));
        const parts = await Promise.all(
          metas.map((meta, segment) => segmentOrder(table, meta, segment, index, demand)),
        );
        const units = parts.flatMap((part) => part.units);
        const order = new OrderColumn(index, table.schema.columns[index]!, units, everyRow);
        return { order, parts, terms: own };
      }),
    );
    const units = columns.reduce((sum, { order }) => sum + order.units.length, 0);
    if (units > MOST_TALLIES) {
      throw new OpalineError('GROUP_LIMIT', { groups: units, limit: MOST_TALLIES });
    }
    return new OrderStatistics(plan, sources, complete, columns);
  }

  /**
   * What the first round found.
   * @throws PART_CORRUPT when a group's tallies are not all its rows, or more than the metadata has
   */
  take(groups: readonly StoredGroup[], linear: AggregatePlan): void {
    if (this.everyRow) {
      for (const { order } of this.columns) {
        order.units.forEach((unit, i) => order.add('', i, unit.rows));
      }
    }
    for (const { key, tallies } of groups) addTallies(this.slots, keyText(key), tallies);
    for (const { order } of this.columns) {
      const counted = linear.terms.findIndex(
        ({ kind, ...term }) =>
          kind === 'count' && 'over' in term && term.over.join() === order.column.name,
      );
      for (const { key, terms } of counted === -1 ? [] : groups) {
        if (BigInt(order.stored(keyText(key))) !== terms[counted]) this.corrupt();
      }
      if (!order.isPossible(this.complete)) this.corrupt();
    }
  }

  /** The rows of the delta. */
  async takeDelta(): Promise<void> {
    const { table } = this.sources;
    for (const { key, rows } of groupRows(this.plan, table.schema, await table.deltaRows())) {
      const group = keyText(key);
      for (const { order } of this.columns) {
        for (const row of rows) {
          const cell = row[order.index] ?? null;
          if (cell !== null) order.addPending(group, cell);
        }
      }
    }
  }

  /** Find out terms (by number in the plan) of groups; the rounds that it took. */
  async resolve(
    wanted: (term: number) => boolean,
    groups: readonly string[],
    link: StoreLink,
    options: CallOptions,
  ): Promise<number> {
    for (let rounds = 0; ; rounds++) {
      const wants = this.answer(wanted, groups);
      if (wants.size === 0) return rounds;
      if (!this.everyRow && isCoarse(wants)) await this.refine(wants, link, options);
      else await openUnits(wants, this.sources, this.everyRow, link, options);
    }
  }

  /** Most rounds that `resolve` takes for terms. */
  mostRounds(wanted: (term: number) => boolean): number {
    const rounds = this.columns.map(({ order, terms }) => {
      const own = terms.filter(({ i }) => wanted(i));
      const closed = order.units.every((unit) => isExact(unit));
      if (own.length === 0 || closed) return 0;
      const coarse = !this.everyRow && order.units.some(isRun) ? 1 : 0;
      if (own.some(({ term }) => term.kind === 'histogram'))
        return coarse + (this.everyRow ? 1 : 2);
      const ends = own.every(({ term }) => term.kind === 'rank' && endOf(term) !== 'inner');
      return this.everyRow && ends ? 0 : coarse + 1;
    });
    return Math.max(0, ...rounds);
  }

  /** Bytes that the tallies of so many groups take at most, in one reply: at most one a row and column. */
  tallyBytes(groups: number): number {
    if (this.everyRow) return 0;
    const each = this.columns.map(({ order }) => {
      const rows = order.units.reduce((all, unit) => all + unit.rows, 0);
      const finest = order.units.reduce((all, { source }) => {
        return all + (source.kind === 'value' ? 1 : source.to - source.from);
      }, 0);
      return Math.min(rows, groups * finest) * (bytesOf(MOST_TALLIES - 1) + bytesOf(rows));
    });
    return each.reduce((all, bytes) => all + bytes, 0);
  }

  /** The result of a term of a group, once it is resolved. */
  value(term: number, group: string): Value {
    return this.results.get(group)?.get(term) ?? null;
  }

  /** Answer what can be answered; what must be opened for the rest. */
  private answer(wanted: (term: number) => boolean, groups: readonly string[]): Wants {
    const wants: Wants = new Map();
    for (const { order, terms: all } of this.columns) {
      for (const group of groups) {
        const known = this.results.get(group) ?? new Map<number, Value>();
        this.results.set(group, known);
        const open = all.filter(({ i }) => wanted(i) && !known.has(i));
        if (open.length === 0) continue;
        const answers = order.answers(
          group,
          open.map(({ term }) => term),
        );
        answers.forEach((answer, a) => {
          if ('value' in answer) known.set(open[a]!.i, answer.value);
          else for (const unit of answer.open) want(wants, order, unit, group);
        });
      }
    }
    return wants;
  }

  /** Count the rows of runs of blocks block by block. */
  private async refine(wants: Wants, link: StoreLink, options: CallOptions): Promise<void> {
    const slots: Slot[] = [];
    const before = new Map([...wants.keys()].map((order) => [order, order.storedRows()]));
    for (const { order, parts } of this.columns) {
      for (const unit of wants.get(order)?.keys() ?? []) {
        const blocks = blocksOf(order.units[unit]!, parts, this.sources, order);
        if (blocks.length < 2) continue;
        for (const part of order.split(unit, blocks)) slots.push({ order, unit: part });
      }
    }
    const mixed = shuffled(slots);
    const tallies = talliesOf(mixed);
    const work = {
      kind: 'aggregate',
      counts: 0,
      tallies: tallies.count,
      maxGroups: GROUP_LIMIT,
      outputs: [],
    } as const;
    const fragment = this.sources.fragment(work, (position, compiler) => {
      const own = tallies.of(position, compiler);
      return own.length === 0 ? undefined : { tallies: own };
    });
    for (const { order } of mixed) this.sources.uses.order(order.index, 1);
    const { sources } = this;
    const reply = await ask({ fragment, layout: { outputs: [] }, sources }, link, options);
    for (const { key, tallies: counts } of reply.groups) {
      addTallies(mixed, keyText(this.sources.keyOf(key)), counts);
    }
    for (const [order, rows] of before) {
      for (const [group, count] of rows) if (order.stored(group) !== count) this.corrupt();
      if (!order.isPossible(this.complete)) this.corrupt();
    }
  }

  private corrupt(): never {
    throw new OpalineError('PART_CORRUPT', {
      part: `index of table ${this.sources.table.id}`,
      reason: 'its lists do not add up to the rows of a group',
    });
  }
}

interface ColumnTerms {
  readonly order: OrderColumn;
  /** By segment. */
  readonly parts: readonly SegmentOrder[];
  readonly terms: readonly { readonly term: OrderTerm; readonly i: number }[];
}

/** Bytes of a number in LEB128. */
const bytesOf = (number: number): number => Math.ceil(number.toString(2).length / 7);

/** What one tally counts. */
interface Slot {
  readonly order: OrderColumn;
  readonly unit: number;
}

/** In a random order: that of the values is not for the store. */
function slotsOf(columns: readonly ColumnTerms[]): Slot[] {
  return shuffled(
    columns.flatMap(({ order }) => order.units.map((_, unit): Slot => ({ order, unit }))),
  );
}

function talliesOf(slots: readonly Slot[]): Tallies {
  return {
    count: slots.length,
    of: (position, compiler) => {
      const own = slots.flatMap(({ order, unit }, tally) => {
        const { segment, source } = order.units[unit]!;
        return segment === position ? [{ order, source, tally }] : [];
      });
      return [...Map.groupBy(own, ({ order }) => order)].flatMap(([order, some]) => {
        const nodes = nodesOf(
          compiler,
          order.index,
          some.map(({ source }) => source),
        );
        return some.map(({ tally }, i) => ({ tally, node: nodes[i]! }));
      });
    },
  };
}

/** Nodes of units, in their order; a column has values or blocks in one segment. */
function nodesOf(
  compiler: NodeCompiler,
  column: number,
  sources: readonly Unit['source'][],
): number[] {
  const values = sources.flatMap((source) => (source.kind === 'value' ? [source.canonical] : []));
  if (values.length > 0) return compiler.values(column, values);
  const runs = sources.flatMap((source) => (source.kind === 'blocks' ? [source] : []));
  return compiler.runs(column, runs);
}

function addTallies(slots: readonly Slot[], group: string, tallies: SparseCounts): void {
  tallies.numbers.forEach((tally, i) => {
    const { order, unit } = slots[tally]!;
    order.add(group, unit, tallies.counts[i]!);
  });
}

function want(wants: Wants, order: OrderColumn, unit: number, group: string): void {
  const units = wants.get(order) ?? new Map<number, Set<string>>();
  wants.set(order, units);
  const groups = units.get(unit);
  if (groups === undefined) units.set(unit, new Set([group]));
  else groups.add(group);
}

/** Whether to count block by block first what is wanted of a column in one run. */
function isCoarse(wants: Wants): boolean {
  return [...wants].some(([order, units]) => {
    let extra = 0;
    for (const unit of units.keys()) {
      const { source } = order.units[unit]!;
      if (source.kind === 'blocks') extra += source.to - source.from - 1;
    }
    return extra > OPEN_AT_ONCE;
  });
}

function blocksOf(
  unit: Unit,
  parts: readonly SegmentOrder[],
  { table, metas }: Sources,
  { index, column }: OrderColumn,
): Unit[] {
  const { segment, source } = unit;
  const { boundaries } = parts[segment]!;
  if (source.kind !== 'blocks' || boundaries === undefined) return [];
  const rows = table.manifest.segments[segment]!.rows - metas[segment]!.columns[index]!.nulls;
  return Array.from({ length: source.to - source.from }, (_, i) => {
    const from = source.from + i;
    return blocksUnit(segment, boundaries, column.type, rows, from, from + 1);
  });
}

function demandOf(terms: readonly OrderTerm[]): Demand {
  const ends = terms.flatMap((term) => (term.kind === 'rank' ? [endOf(term)] : []));
  const histogram = terms.some(({ kind }) => kind === 'histogram');
  return {
    low: ends.includes('low'),
    high: ends.includes('high'),
    inner: histogram || ends.includes('inner'),
    distinct: terms.some(({ kind }) => kind === 'distinct'),
  };
}

function endOf({ fraction }: Extract<OrderTerm, { kind: 'rank' }>): 'low' | 'high' | 'inner' {
  if (fraction.numerator === 0n) return 'low';
  return fraction.numerator === fraction.denominator ? 'high' : 'inner';
}

const isRun = ({ source }: Unit): boolean =>
  source.kind === 'blocks' && source.to - source.from > 1;

/** What counting the units shows; a count of every value is the column's whole partition. */
function noteUses(order: OrderColumn, everyRow: boolean, { uses }: Sources): void {
  if (everyRow) return;
  const blocks = order.units.filter(({ source }) => source.kind === 'blocks').length;
  if (blocks < order.units.length) uses.groupBy(order.index);
  if (blocks > 0) uses.order(order.index, blocks);
}
