import type { Fragment, SegmentFragment } from '../plan/fragment.ts';
import type { AggregatePlan } from '../plan/physical.ts';
import type { SetPredicate } from '../plan/set-predicate.ts';
import type { StoreLink } from '../store/link.ts';
import type { SegmentEntry } from '../table/manifest.ts';
import type { SegmentMeta } from '../table/segment-meta.ts';
import type { Value } from '../table/value.ts';
import { eachSegment } from './each-segment.ts';
import { GroupValues } from './group-values.ts';
import type { IndexUses } from './index-uses.ts';
import type { OpenTable } from './open-table.ts';
import { NodeCompiler } from './row-nodes.ts';

/** What a round asks of a segment, besides its filter and its groups. */
export type Asked = Partial<Pick<SegmentFragment, 'counts' | 'sums' | 'tallies' | 'members'>>;

/**
 * The filter and the groups of a query as nodes of every segment, made once for all rounds of it: edge
 * blocks are fetched and opened when they are.
 */
export class Sources {
  readonly table: OpenTable;
  readonly metas: readonly SegmentMeta[];
  /** Values of each grouping column; replies name them by position. */
  readonly groupValues: readonly (readonly Value[])[];
  readonly uses: IndexUses;
  private readonly segments: readonly Source[];

  private constructor(
    table: OpenTable,
    metas: readonly SegmentMeta[],
    groupValues: readonly (readonly Value[])[],
    uses: IndexUses,
    segments: readonly Source[],
  ) {
    this.table = table;
    this.metas = metas;
    this.groupValues = groupValues;
    this.uses = uses;
    this.segments = segments;
  }

  /** @throws GROUP_LIMIT for a grouping column of more values than a dictionary holds */
  static async load(
    { groupBy }: Pick<AggregatePlan, 'groupBy'>,
    filter: SetPredicate,
    table: OpenTable,
    link: StoreLink,
    uses: IndexUses,
  ): Promise<Sources> {
    const entries = table.manifest.segments;
    const metas = await Promise.all(entries.map((entry) => table.meta(entry)));
    const columns = groupBy.map((name) => table.columnIndex(name));
    const groups = await Promise.all(
      columns.map((column) => GroupValues.load(table, column, metas)),
    );
    for (const column of columns) uses.groupBy(column);
    const segments = await eachSegment(entries, async (entry, i): Promise<Source> => {
      const compiler = new NodeCompiler(table, link, entry, metas[i]!, uses);
      const node = await compiler.filter(filter);
      const groupNodes = groups.map((group) => group.nodes(entry, compiler));
      return { entry, compiler, filter: node, groups: groupNodes };
    });
    const values = groups.map((group) => group.values);
    return new Sources(table, metas, values, uses, segments);
  }

  /**
   * A fragment of the segments of which something is asked; `ask` may add nodes. With `only`, groups
   * of other values of the grouping columns are left out.
   */
  fragment(
    work: Fragment['work'],
    ask: (position: number, compiler: NodeCompiler) => Asked | undefined,
    only?: readonly ReadonlySet<number>[],
  ): Fragment {
    const segments = this.segments.flatMap(({ entry, compiler, filter, groups }, position) => {
      const own = compiler.fork();
      const asked = ask(position, own);
      if (asked === undefined) return [];
      const { counts = [], sums = [], tallies = [], members = [] } = asked;
      return [
        {
          segment: entry.id,
          nodes: own.nodes,
          filter,
          groups: groups.map((nodes, column) =>
            nodes.map((node, value) => (only?.[column]!.has(value) === false ? -1 : node)),
          ),
          counts,
          sums,
          tallies,
          members,
        },
      ];
    });
    const { id, manifest } = this.table;
    return { version: 1, table: id, epoch: manifest.epoch, work, segments };
  }

  /** Whether the filter's rows were all found by indexes that hide their answers: the store was told none of them. */
  get foundHere(): boolean {
    const { lookups, hidden } = this.uses;
    return (
      hidden > 0 &&
      hidden === lookups &&
      this.segments.every(({ compiler, filter }) => {
        const { kind } = compiler.nodes[filter]!;
        return kind === 'rows' || kind === 'none';
      })
    );
  }

  /** How many there are, of a filter of which `foundHere` is true. What is fetched does not depend on them. */
  async countHere(): Promise<number> {
    let count = 0;
    for (const { entry, compiler, filter } of this.segments) {
      const gone = await this.table.deletedRows(entry);
      const node = compiler.nodes[filter]!;
      if (node.kind !== 'rows') continue;
      for (const row of node.rows) if (!gone.has(row)) count++;
    }
    return count;
  }

  /** The places of the values that groups have, by grouping column. */
  placesOf(keys: readonly (readonly Value[])[]): Set<number>[] {
    return this.groupValues.map((values, column) => {
      const places = new Map(values.map((value, place) => [value, place]));
      return new Set(keys.flatMap((key) => places.get(key[column]!) ?? []));
    });
  }

  /** The values of a group that a reply names. */
  keyOf(places: readonly number[]): Value[] {
    return places.map((value, column) => this.groupValues[column]![value]!);
  }

  /** Whether a reply's key names a group. */
  isKey(places: readonly number[]): boolean {
    return (
      places.length === this.groupValues.length &&
      places.every((value, column) => value < this.groupValues[column]!.length)
    );
  }
}

interface Source {
  readonly entry: SegmentEntry;
  readonly compiler: NodeCompiler;
  readonly filter: number;
  readonly groups: readonly (readonly number[])[];
}
