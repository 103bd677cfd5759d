import { OpalineError } from '../errors/opaline-error.ts';
import type { Parameters } from '../params/parameters.ts';
import { leadingGroups } from '../plan/finish.ts';
import type { SparseCounts } from '../plan/fragment.ts';
import { keyText } from '../plan/interpret.ts';
import {
  type AggregatePlan,
  type GroupResult,
  isLinear,
  type LinearPlan,
  type LinearResult,
  type LinearTerm,
} from '../plan/physical.ts';
import type { SetPredicate } from '../plan/set-predicate.ts';
import type { CallOptions, StoreLink } from '../store/link.ts';
import type { Value } from '../table/value.ts';
import {
  type AggregateAnswer,
  executeAggregate,
  prepareAggregate,
  type PreparedAggregate,
  type ReplyEngines,
  type StoredGroup,
} from './aggregate.ts';
import { addDelta } from './delta.ts';
import { GROUP_LIMIT } from './group-values.ts';
import { IndexUses } from './index-uses.ts';
import type { OpenTable } from './open-table.ts';
import type { OrderStatistics } from './order/order-statistics.ts';
import { Sources } from './sources.ts';
import { layoutSums, type SumOutput } from './sum-layout.ts';

/** What running an aggregate plan takes. */
export interface Execution {
  readonly link: StoreLink;
  readonly parameters: Parameters;
  readonly engines: ReplyEngines;
  readonly options: CallOptions;
}

export interface QueryAnswer {
  /** The groups that the result may have, with all their terms. */
  readonly groups: readonly GroupResult[];
  readonly rowsMatched: number;
  readonly rounds: number;
}

/** Samples of all groups together from which it pays to ask for those of the result alone. */
const MANY_SAMPLES = 64;

/**
 * An aggregate plan on its way: what HAVING and ORDER BY depend on is asked of every group, and where
 * there may be many groups, the other sums only of those that the result can have.
 */
export class AggregateQuery {
  readonly uses: IndexUses;
  /** Every ciphertext sum of the plan, proved. */
  readonly outputs: readonly SumOutput[];
  /** Groups if every combination were present, at most the limit; 1 without GROUP BY. */
  readonly mostGroups: number;
  private readonly plan: AggregatePlan;
  private readonly sources: Sources;
  private readonly order: OrderStatistics | undefined;
  private readonly first: LinearPart;
  private readonly later: LinearPart;
  private readonly prepared: PreparedAggregate;
  /** The vault has the rows and needs only their number: the store is not told them. */
  readonly countsHere: boolean;
  /** Answer of the first round where the metadata of segments tells it. */
  private readonly known: AggregateAnswer<StoredGroup> | undefined;

  private constructor(
    plan: AggregatePlan,
    sources: Sources,
    order: OrderStatistics | undefined,
    everyRow: boolean,
    parameters: Parameters,
  ) {
    this.plan = plan;
    this.sources = sources;
    this.uses = sources.uses;
    this.order = order;
    const product = sources.groupValues.reduce((all, one) => all * Math.max(1, one.length), 1);
    this.mostGroups = Math.min(product, GROUP_LIMIT);
    const waiting = postponed(plan, this.mostGroups);
    this.first = linearPart(plan, (_, i) => !waiting.has(i));
    // What rounding cost a sum is bounded by the rows that are counted with it.
    const counted = plan.terms.flatMap((term, i) =>
      waiting.has(i) && isLinear(term) ? [overText(term)] : [],
    );
    this.later = linearPart(
      plan,
      (term, i) => waiting.has(i) || (term.kind === 'count' && counted.includes(overText(term))),
    );
    const { table, metas } = sources;
    const all = linearPart(plan, () => true);
    this.outputs = layoutSums(all.plan, table, metas, parameters).outputs;
    this.known = order?.everyRow === true ? knownCounts(this.first.plan, sources) : undefined;
    const { tallies } = order ?? {};
    this.prepared = prepareAggregate(this.first.plan, everyRow, sources, parameters, { tallies });
    this.countsHere = sources.foundHere && countsRows(plan, sources);
  }

  /**
   * Prove the bounds and make the tokens of a plan.
   * @throws OVERFLOW_BOUND, NOISE_BOUND, GROUP_LIMIT before anything that depends on the query is sent.
   */
  static async prepare(
    plan: AggregatePlan,
    filter: SetPredicate,
    table: OpenTable,
    link: StoreLink,
    parameters: Parameters,
  ): Promise<AggregateQuery> {
    const sources = await Sources.load(plan, filter, table, link, new IndexUses());
    const everyRow = filter.kind === 'all';
    const deleted = table.manifest.segments.some((segment) => segment.deleted !== undefined);
    const order = plan.terms.every(isLinear)
      ? undefined
      : await orderStatistics(plan, sources, everyRow && !deleted);
    return new AggregateQuery(plan, sources, order, everyRow, parameters);
  }

  /** Bytes of the counts for order statistics in one reply, at most. */
  get tallyBytes(): number {
    return this.order?.tallyBytes(this.mostGroups) ?? 0;
  }

  /** Whether some sums are asked of the groups of the result alone, which shows the store these. */
  get selectsGroups(): boolean {
    return this.later.places.length > 0;
  }

  /** Most round trips that it takes. */
  get mostRounds(): number {
    const { plan, order } = this;
    const waits = this.selectsGroups ? 1 : 0;
    const decisive = termsIn([plan.having, plan.orderBy]);
    const foremost = order?.mostRounds((i) => decisive.has(i)) ?? 0;
    const rest = order?.mostRounds((i) => !decisive.has(i)) ?? 0;
    return this.firstRounds + foremost + Math.max(rest, waits);
  }

  async run(execution: Execution): Promise<QueryAnswer> {
    const { plan, order, first, sources } = this;
    const { link, engines, options } = execution;
    const stored =
      this.known ??
      (this.countsHere
        ? countOf(first.plan, await sources.countHere())
        : await executeAggregate(first.plan, this.prepared, link, engines, options));
    order?.take(stored.groups, first.plan);
    await order?.takeDelta();
    const { groups, rowsMatched } = await addDelta(first.plan, sources.table, stored);
    const found: LinearResult[] = [...groups];
    // Without grouping columns there is a group also where no row is.
    if (plan.groupBy.length === 0 && found.length === 0) {
      found.push({ key: [], terms: first.plan.terms.map(() => 0n) });
    }
    const decisive = termsIn([plan.having, plan.orderBy]);
    const names = found.map(({ key }) => keyText(key));
    const before = (await order?.resolve((i) => decisive.has(i), names, link, options)) ?? 0;
    const leading = this.leading(found);
    const leadingNames = leading.map(({ key }) => keyText(key));
    const [after = 0, sums] = await Promise.all([
      order?.resolve(() => true, leadingNames, link, options),
      this.laterSums(leading, execution),
    ]);
    return {
      groups: leading.map((group) => this.assemble(group, sums?.get(keyText(group.key)))),
      rowsMatched,
      rounds: this.firstRounds + before + Math.max(after, sums === undefined ? 0 : 1),
    };
  }

  private get firstRounds(): number {
    const asks = this.known === undefined && !this.countsHere;
    return this.uses.roundsBefore + (asks ? 1 : 0);
  }

  /** The groups that the result can have. */
  private leading(groups: readonly LinearResult[]): readonly LinearResult[] {
    const { plan, sources } = this;
    if (plan.groupBy.length === 0) return groups;
    const origin = new Map(groups.map((group) => [this.assemble(group, undefined), group]));
    return leadingGroups(plan, sources.table.schema, [...origin.keys()]).map((group) =>
      origin.get(group)!,
    );
  }

  /** The sums that waited, of groups that the result can have. */
  private async laterSums(
    leading: readonly LinearResult[],
    { link, engines, options, parameters }: Execution,
  ): Promise<Map<string, LinearResult> | undefined> {
    const { later, sources } = this;
    if (later.places.length === 0 || leading.length === 0) return undefined;
    const only = sources.placesOf(leading.map(({ key }) => key));
    const prepared = prepareAggregate(later.plan, false, sources, parameters, { only });
    const stored = await executeAggregate(later.plan, prepared, link, engines, options);
    const { groups } = await addDelta(later.plan, sources.table, stored);
    const found = new Map(groups.map((group) => [keyText(group.key), group]));
    for (const group of leading) this.checkCounts(group, found.get(keyText(group.key)));
    return found;
  }

  /** What is counted in both rounds must be the same rows. */
  private checkCounts(group: LinearResult, again: LinearResult | undefined): void {
    const { first, later, plan, sources } = this;
    const agrees = later.places.every((place, at) => {
      if (plan.terms[place]!.kind !== 'count') return true;
      return (again?.terms[at] ?? 0n) === group.terms[first.places.indexOf(place)];
    });
    if (agrees) return;
    throw new OpalineError('PART_CORRUPT', {
      part: `index of table ${sources.table.id}`,
      reason: 'its lists do not add up to the rows of a group',
    });
  }

  /** The plan's terms of a group; what is not known yet stands as 0 or NULL. */
  private assemble(group: LinearResult, sums: LinearResult | undefined): GroupResult {
    const terms: Value[] = this.plan.terms.map(() => 0n);
    const errors = this.plan.terms.map(() => 0n);
    const fill = ({ places }: LinearPart, from: LinearResult): void =>
      places.forEach((i, at) => {
        terms[i] = from.terms[at]!;
        errors[i] = from.errors?.[at] ?? 0n;
      });
    if (sums !== undefined) fill(this.later, sums);
    fill(this.first, group);
    this.plan.terms.forEach((term, i) => {
      if (isLinear(term)) return;
      terms[i] = this.order?.value(i, keyText(group.key)) ?? (term.kind === 'distinct' ? 0n : null);
    });
    return { key: group.key, terms, ...(errors.some((error) => error > 0n) ? { errors } : {}) };
  }
}

const orderStatistics: typeof OrderStatistics.load = async (...of) => {
  const { OrderStatistics: Loaded } = await import('./order/order-statistics.ts');
  return await Loaded.load(...of);
};

/** Some of a plan's sums and counts, as a plan, and their places in the whole. */
interface LinearPart {
  readonly plan: LinearPlan;
  readonly places: readonly number[];
}

function linearPart(
  plan: AggregatePlan,
  keeps: (term: LinearTerm, place: number) => boolean,
): LinearPart {
  const kept = plan.terms.flatMap((term, place) =>
    isLinear(term) && keeps(term, place) ? [{ term, place }] : [],
  );
  return {
    plan: { ...plan, terms: kept.map(({ term }) => term) },
    places: kept.map(({ place }) => place),
  };
}

const overText = ({ over }: LinearTerm): string => over.join('\0');

/** Sums that need not be known to tell which groups the result has, where that spares many. */
function postponed(plan: AggregatePlan, mostGroups: number): ReadonlySet<number> {
  const limit = plan.limit === undefined ? Infinity : plan.limit + (plan.offset ?? 0);
  const selective = limit < mostGroups || plan.having !== undefined;
  const decisive = termsIn([plan.having, plan.orderBy]);
  const waiting = plan.terms.flatMap((term, i) =>
    term.kind === 'sum' && !decisive.has(i) ? [i] : [],
  );
  const spared = Math.max(0, mostGroups - (plan.having === undefined ? limit : 0));
  return new Set(selective && waiting.length * spared >= MANY_SAMPLES ? waiting : []);
}

/** The numbers of the terms in expressions. */
function termsIn(tree: unknown, into: Set<number> = new Set()): Set<number> {
  if (typeof tree !== 'object' || tree === null) return into;
  if ('kind' in tree && tree.kind === 'term' && 'index' in tree) into.add(Number(tree.index));
  for (const value of Object.values(tree)) termsIn(value, into);
  return into;
}

/** Whether a plan is of nothing but the number of the filter's rows. */
function countsRows({ groupBy, terms }: AggregatePlan, { table, metas }: Sources): boolean {
  const isNullFree = (name: string): boolean =>
    metas.every(({ columns }) => columns[table.columnIndex(name)]!.nulls === 0);
  return (
    groupBy.length === 0 &&
    terms.every((term) => term.kind === 'count' && term.over.every(isNullFree))
  );
}

const NO_TALLIES: SparseCounts = { numbers: new Uint32Array(0), counts: new Uint32Array(0) };

/** The answer to a plan of which `countsRows` is true. */
function countOf({ terms }: LinearPlan, rows: number): AggregateAnswer<StoredGroup> {
  const group = { key: [], terms: terms.map(() => BigInt(rows)), tallies: NO_TALLIES };
  return { groups: rows === 0 ? [] : [group], rowsMatched: rows };
}

/** The counts of a plan over every row, none deleted and none grouped, from the segments' metadata. */
function knownCounts(
  plan: LinearPlan,
  { table, metas }: Sources,
): AggregateAnswer<StoredGroup> | undefined {
  const terms: bigint[] = [];
  for (const { kind, over } of plan.terms) {
    const [name, ...more] = over;
    if (kind === 'sum' || more.length > 0) return undefined;
    const column = name === undefined ? -1 : table.columnIndex(name);
    const nulls = metas.reduce((sum, meta) => sum + (meta.columns[column]?.nulls ?? 0), 0);
    terms.push(BigInt(table.segmentRows - nulls));
  }
  return { groups: [{ key: [], terms, tallies: NO_TALLIES }], rowsMatched: table.segmentRows };
}
