import { utf8 } from '../bytes/codec.ts';
import { shuffled } from '../bytes/permutation.ts';
import { OpalineError } from '../errors/opaline-error.ts';
import type { SetNode } from '../plan/fragment.ts';
import type { SetAtom, SetPredicate } from '../plan/set-predicate.ts';
import { keyword, KEYWORD_KIND } from '../search/keyword.ts';
import type { StoreLink } from '../store/link.ts';
import { canonicalBytes } from '../table/canonical.ts';
import type { SegmentEntry } from '../table/manifest.ts';
import { type Answer, answers, hides } from '../table/search-answers.ts';
import type { FurtherIndex, ListedIndex, SearchIndex } from '../table/search-index.ts';
import type { SegmentMeta } from '../table/segment-meta.ts';
import { HiddenRows } from './hidden-rows.ts';
import type { IndexUses } from './index-uses.ts';
import { likeNode } from './like-nodes.ts';
import { ListNodes } from './list-nodes.ts';
import { type MatchCondition, matchCondition, takeConditions } from './match-conditions.ts';
import { NodeList } from './node-list.ts';
import type { OpenTable } from './open-table.ts';
import { rungNumber } from './rung-index.ts';
import { RungNodes } from './rung-nodes.ts';
import type { SegmentSource } from './segment-source.ts';

/**
 * Turns row sets of one segment into nodes the store can evaluate, by making tokens. Those of values or
 * blocks that have an order come in a random one.
 */
export class NodeCompiler {
  private readonly source: SegmentSource;
  private readonly list: NodeList;
  private readonly lists: ListNodes;
  private readonly rungs: RungNodes;
  private readonly hidden: HiddenRows;

  constructor(
    table: OpenTable,
    link: StoreLink,
    segment: SegmentEntry,
    meta: SegmentMeta,
    uses: IndexUses,
    list: NodeList = new NodeList(uses),
  ) {
    this.source = { table, link, segment, meta, uses };
    this.list = list;
    this.lists = new ListNodes(this.source, list);
    this.rungs = new RungNodes(this.source, list);
    const indexFor = (column: number, answer: Answer): SearchIndex => this.indexFor(column, answer);
    this.hidden = new HiddenRows({ ...this.source, indexFor });
  }

  get nodes(): readonly SetNode[] {
    return this.list.nodes;
  }

  /** Another compiler that goes on where this one is: what it adds is its own. */
  fork(): NodeCompiler {
    const { table, link, segment, meta, uses } = this.source;
    return new NodeCompiler(table, link, segment, meta, uses, this.list.fork());
  }

  /** The node of a query's filter: a predicate's rows, without those that the table leaves out. */
  async filter(p: SetPredicate): Promise<number> {
    const node = await this.predicate(p);
    const { table, segment } = this.source;
    const left = table.leftOut(segment);
    if (left === undefined) return node;
    const found = this.list.nodes[node]!;
    // The store is told of rows that were found here only where it is told rows at all.
    if (found.kind === 'none') return node;
    if (found.kind === 'rows')
      return this.list.explicit(found.rows.filter((row) => !left.has(row)));
    const others = this.list.complement(this.list.explicit(left.toArray()));
    return found.kind === 'all' ? others : this.list.all([node, others]);
  }

  /** The node of a predicate's rows. */
  async predicate(p: SetPredicate): Promise<number> {
    if (this.hidden.finds(p)) return this.list.explicit(await this.hidden.rows(p));
    switch (p.kind) {
      case 'all':
      case 'none':
        return this.list.add({ kind: p.kind });
      case 'atom':
        return await this.atom(p.atom);
      case 'not': {
        const match = matchCondition(p, this.asksWhole);
        if (match !== undefined) return await this.match(match);
        return this.list.complement(await this.predicate(p.arg));
      }
      case 'and': {
        const { conditions, others } = takeConditions(p.args, this.asksWhole);
        const args: number[] = [];
        for (const match of shuffled(conditions)) args.push(await this.match(match));
        const rest = this.hidden.gathered({ kind: 'and', args: others });
        for (const arg of shuffled(rest)) args.push(await this.predicate(arg));
        return this.list.all(args);
      }
      case 'or': {
        const match = matchCondition(p, this.asksWhole);
        if (match !== undefined) return await this.match(match);
        const args: number[] = [];
        // IN lists are written in the order of their values more often than not.
        for (const arg of shuffled(this.hidden.gathered(p))) args.push(await this.predicate(arg));
        return this.list.any(args);
      }
      default:
        return p satisfies never;
    }
  }

  /** The node of the rows in which none of `columns` is NULL; −1 when that is every row. */
  notNull(columns: readonly string[]): number {
    const { table, meta } = this.source;
    const nodes = columns
      .map((name) => table.columnIndex(name))
      .filter((column) => meta.columns[column]!.nulls > 0)
      .map((column) => this.list.complement(this.lists.nulls(column)));
    return nodes.length === 0 ? -1 : this.list.all(nodes);
  }

  /** The node of a column's NULL rows; −1 when there is none. */
  nulls(column: number): number {
    return this.lists.nulls(column);
  }

  /** The nodes of the rows with each value of a column that has lists per value. */
  values(column: number, canonicals: readonly Uint8Array[]): number[] {
    return this.lists.values(column, canonicals);
  }

  /** The nodes of the rows in runs of a column's blocks of ranks, of which a segment has `of`. */
  runs(...args: Parameters<ListNodes['runs']>): number[] {
    return this.lists.runs(...args);
  }

  /** The node of the rows of any of some nodes. */
  any(args: readonly number[]): number {
    return this.list.any(args);
  }

  private async atom(atom: SetAtom): Promise<number> {
    const { table } = this.source;
    const column = table.columnIndex(atom.column);
    const { type } = table.schema.columns[column]!;
    switch (atom.kind) {
      case 'isNull': {
        const node = this.lists.nulls(column);
        return node === -1 ? this.list.add({ kind: 'none' }) : node;
      }
      case 'equals': {
        const canonical = canonicalBytes(atom.value, type);
        const index = this.indexFor(column, 'equals');
        if (index.index === 'sse') return await this.lists.equals(column, canonical);
        return await this.rungs.equals(column, index, canonical);
      }
      case 'range': {
        const low = atom.low && { ...atom.low, value: canonicalBytes(atom.low.value, type) };
        const high = atom.high && { ...atom.high, value: canonicalBytes(atom.high.value, type) };
        const index = this.indexFor(column, 'range');
        if (index.index === 'sse') return await this.lists.range(column, low, high);
        return await this.rungs.range(column, index, low, high);
      }
      case 'keyword': {
        const index = this.indexFor(column, 'match');
        if (index.index !== 'sse') {
          const bytes = keyword(KEYWORD_KIND.token, utf8(atom.keyword));
          return await this.rungs.keyword(column, index, bytes);
        }
        this.lists.checkParts(column);
        return this.lists.parts(column, 'token', [atom.keyword], false)[0]!;
      }
      case 'like':
        return await likeNode(this.source, this.list, this.lists, column, atom.pattern);
      default:
        return atom satisfies never;
    }
  }

  /**
   * The first of the column's indexes that answers and that the segment has.
   * @throws CAPABILITY_MISSING when the segment is older than the index that the schema names
   */
  private indexFor(column: number, answer: Answer): ListedIndex {
    const { table, meta } = this.source;
    const { search, name } = table.schema.columns[column]!;
    const has = (index: SearchIndex): index is ListedIndex =>
      index.index === 'sse' ||
      (index.index !== 'oblivious' && rungNumber(meta, column, index) !== -1);
    const found = search.filter(has).find((index) => answers(index, answer));
    if (found !== undefined) return found;
    throw new OpalineError('CAPABILITY_MISSING', {
      operation: 'a condition',
      column: `"${name}"`,
      needs: 'a segment was written before its index was declared: ingest the table again',
    });
  }

  /**
   * Whether the index that finds a column's keywords is asked for whole conditions of them: sse's lists are not, and
   * conditions of indexes that hide their answers are put together here (hidden-rows.ts).
   */
  private readonly asksWhole = (name: string): boolean => {
    const index = this.indexFor(this.source.table.columnIndex(name), 'match');
    return index.index !== 'sse' && !hides(index) && answers(index, 'matchAll');
  };

  /** The node of the rows that satisfy a condition of one column's keywords. */
  private async match({ column: name, condition, notNull }: MatchCondition): Promise<number> {
    const column = this.source.table.columnIndex(name);
    const index = this.indexFor(column, 'match') as FurtherIndex;
    const node = await this.rungs.match(column, index, condition);
    const nulls = notNull ? this.lists.nulls(column) : -1;
    return nulls === -1 ? node : this.list.all([node, this.list.complement(nulls)]);
  }
}
