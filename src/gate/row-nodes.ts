import { compareBytes } from '../bytes/compare.ts';
import { shuffled } from '../bytes/permutation.ts';
import type { SetNode } from '../plan/fragment.ts';
import type { SetAtom, SetPredicate } from '../plan/set-predicate.ts';
import { decodeBoundaries } from '../search/sse/boundaries.ts';
import {
  edgeLabel,
  filterEdge,
  nodeTokens,
  nullToken,
  rangeCover,
  type RangeLimit,
  valueToken,
  valueTokens,
} from '../search/sse/token.ts';
import { coverBlocks } from '../search/sse/tree.ts';
import type { StoreLink } from '../store/link.ts';
import { keyword, KEYWORD_KIND } from '../search/keyword.ts';
import type { RungQuery } from '../search/token-rung.ts';
import { OpalineError } from '../errors/opaline-error.ts';
import { canonicalBytes } from '../table/canonical.ts';
import { type Answer, answers } from '../table/search-answers.ts';
import type { FurtherIndex, SearchIndex } from '../table/search-index.ts';
import type { SegmentEntry } from '../table/manifest.ts';
import type { SegmentMeta } from '../table/segment-meta.ts';
import { openBlock } from './edge-block.ts';
import { PreviewLink } from './preview-link.ts';
import { lookupRows, openRungIndex, type RungIndex, rungNumber } from './rung-index.ts';
import { HiddenRows } from './hidden-rows.ts';
import type { IndexUses } from './index-uses.ts';
import type { OpenTable } from './open-table.ts';

/**
 * Turns row sets of one segment into nodes the store can evaluate, by making tokens. Those of values or
 * blocks that have an order come in a random one.
 */
export class NodeCompiler {
  readonly nodes: SetNode[] = [];
  private readonly known = new Map<string, number>();
  private readonly table: OpenTable;
  private readonly link: StoreLink;
  private readonly segment: SegmentEntry;
  private readonly meta: SegmentMeta;
  private readonly key: Uint8Array;
  private readonly uses: IndexUses;
  private readonly hidden: HiddenRows;

  constructor(
    table: OpenTable,
    link: StoreLink,
    segment: SegmentEntry,
    meta: SegmentMeta,
    uses: IndexUses,
  ) {
    this.table = table;
    this.uses = uses;
    this.link = link;
    this.segment = segment;
    this.meta = meta;
    this.key = table.segmentKeys(segment.id).search;
    const equalityIndex = (column: number): SearchIndex => this.indexFor(column, 'equals');
    this.hidden = new HiddenRows({ table, link, segment, meta, uses, equalityIndex });
  }

  /** Another compiler that goes on where this one is: what it adds is its own. */
  fork(): NodeCompiler {
    const { table, link, segment, meta, uses } = this;
    const copy = new NodeCompiler(table, link, segment, meta, uses);
    copy.nodes.push(...this.nodes);
    for (const [id, node] of this.known) copy.known.set(id, node);
    return copy;
  }

  /** The node of a predicate's rows. */
  async predicate(p: SetPredicate): Promise<number> {
    if (this.hidden.finds(p)) return this.explicit(await this.hidden.rows(p));
    switch (p.kind) {
      case 'all':
      case 'none':
        return this.add({ kind: p.kind });
      case 'atom':
        return await this.atom(p.atom);
      case 'not':
        return this.complement(await this.predicate(p.arg));
      case 'and':
      case 'or': {
        const args: number[] = [];
        // IN lists are written in the order of their values more often than not.
        for (const arg of shuffled(this.hidden.gathered(p))) args.push(await this.predicate(arg));
        return args.length === 1 ? args[0]! : this.add({ kind: p.kind, args });
      }
      default:
        return p satisfies never;
    }
  }

  /** The node of the rows in which none of `columns` is NULL; −1 when that is every row. */
  notNull(columns: readonly string[]): number {
    const nodes = columns
      .map((name) => this.table.columnIndex(name))
      .filter((column) => this.meta.columns[column]!.nulls > 0)
      .map((column) => this.complement(this.nulls(column)));
    if (nodes.length === 0) return -1;
    return nodes.length === 1 ? nodes[0]! : this.add({ kind: 'and', args: nodes });
  }

  /** The node of a column's NULL rows; −1 when there is none. */
  nulls(column: number): number {
    if (this.meta.columns[column]!.nulls === 0) return -1;
    this.uses.nulls(column);
    return this.posting(nullToken(this.key, column));
  }

  /** The nodes of the rows with each value of a column that has lists per value. */
  values(column: number, canonicals: readonly Uint8Array[]): number[] {
    return valueTokens(this.key, column, canonicals).map((token) => this.posting(token));
  }

  /** The nodes of the rows in runs of a column's blocks of ranks, of which a segment has `of`. */
  runs(
    column: number,
    runs: readonly { readonly from: number; readonly to: number; readonly of: number }[],
  ): number[] {
    const covers = runs.map(({ from, to, of }) => shuffled(coverBlocks(from, to, of)));
    const tokens = nodeTokens(this.key, column, covers.flat());
    let next = 0;
    return covers.map((cover) => {
      const args = cover.map(() => this.posting(tokens[next++]!));
      return args.length === 1 ? args[0]! : this.add({ kind: 'or', args });
    });
  }

  /** The node of the rows of any of some nodes. */
  any(args: readonly number[]): number {
    return args.length === 1 ? args[0]! : this.add({ kind: 'or', args });
  }

  private async atom(atom: SetAtom): Promise<number> {
    const column = this.table.columnIndex(atom.column);
    const { type } = this.table.schema.columns[column]!;
    const meta = this.meta.columns[column]!;
    switch (atom.kind) {
      case 'isNull': {
        const node = this.nulls(column);
        return node === -1 ? this.add({ kind: 'none' }) : node;
      }
      case 'equals': {
        const canonical = canonicalBytes(atom.value, type);
        const index = this.indexFor(column, 'equals');
        if (index.index !== 'sse') return await this.equalsByRung(column, index, canonical);
        if (meta.equality) {
          this.uses.values(column, [canonical]);
          return this.posting(valueToken(this.key, column, canonical));
        }
        const end = { value: canonical, inclusive: true };
        return await this.range(column, end, end);
      }
      case 'range': {
        const ends = {
          low: atom.low && { ...atom.low, value: canonicalBytes(atom.low.value, type) },
          high: atom.high && { ...atom.high, value: canonicalBytes(atom.high.value, type) },
        };
        const index = this.indexFor(column, 'range');
        if (index.index === 'sse') return await this.range(column, ends.low, ends.high);
        return await this.rangeByRung(column, index, ends.low, ends.high);
      }
      default:
        return atom satisfies never;
    }
  }

  /**
   * The first of the column's indexes that answers and that the segment has.
   * @throws CAPABILITY_MISSING when the segment is older than the index that the schema names
   */
  private indexFor(column: number, answer: Answer): SearchIndex {
    const { search, name } = this.table.schema.columns[column]!;
    const has = (index: SearchIndex): boolean =>
      index.index === 'sse' || rungNumber(this.meta, column, index) !== -1;
    const found = search.find((index) => answers(index, answer) && has(index));
    if (found !== undefined) return found;
    throw new OpalineError('CAPABILITY_MISSING', {
      operation: 'a condition',
      column: `"${name}"`,
      needs: 'a segment was written before its index was declared: ingest the table again',
    });
  }

  /** The node of the rows of one value, by a further index: as a keyword, or as a range of one. */
  private async equalsByRung(
    column: number,
    index: FurtherIndex,
    canonical: Uint8Array,
  ): Promise<number> {
    if (answers(index, 'range')) {
      const end = { value: canonical, inclusive: true };
      return await this.rangeByRung(column, index, end, end);
    }
    const query = { kind: 'keyword', keyword: keyword(KEYWORD_KIND.value, canonical) } as const;
    return await this.byRung(column, index, query, canonical.join());
  }

  private async rangeByRung(
    column: number,
    index: FurtherIndex,
    low: RangeLimit | undefined,
    high: RangeLimit | undefined,
  ): Promise<number> {
    const id = [low, high].map((end) => end && `${end.inclusive}${end.value.join()}`).join('/');
    const query = { kind: 'range', ...(low && { low }), ...(high && { high }) } as const;
    return await this.byRung(column, index, query, id);
  }

  /** The node of the rows that a further index has for a query; `id` names the query. */
  async byRung(column: number, index: FurtherIndex, query: RungQuery, id: string): Promise<number> {
    const { table, segment, meta, uses } = this;
    uses.rung(column, index, query, id);
    const known = this.known.get(`${column}/${index.index}/${query.kind}/${id}`);
    if (known !== undefined) return known;
    const number = rungNumber(meta, column, index);
    const opened = await openRungIndex(table, segment, column, index, number);
    const node = await this.rungNode(opened, query);
    this.known.set(`${column}/${index.index}/${query.kind}/${id}`, node);
    return node;
  }

  private async rungNode(opened: RungIndex, query: RungQuery): Promise<number> {
    const { table, segment, link, uses } = this;
    if (opened.rung.token !== undefined) {
      uses.tokens++;
      const token = opened.rung.token(query);
      return this.nodes.push({ kind: 'lookup', rung: opened.number, token }) - 1;
    }
    uses.lookups++;
    if (link instanceof PreviewLink) return this.add({ kind: 'none' });
    return this.explicit(await lookupRows(opened, query, table, segment, link));
  }

  /** The node of rows that the vault has found. */
  private explicit(rows: Uint32Array): number {
    return this.add(rows.length === 0 ? { kind: 'none' } : { kind: 'rows', rows });
  }

  private async range(
    column: number,
    low: RangeLimit | undefined,
    high: RangeLimit | undefined,
  ): Promise<number> {
    const meta = this.meta.columns[column]!;
    if (meta.distinct === 0) return this.add({ kind: 'none' });
    const section = await this.table.column(this.segment, column);
    if (!meta.range || section.boundaries === undefined) {
      const values = (section.dictionary ?? [])
        .map(({ value }) => value)
        .filter((value) => inside(value, low, high));
      this.uses.values(column, values);
      if (values.length === 0) return this.add({ kind: 'none' });
      return this.add({ kind: 'or', args: this.values(column, shuffled(values)) });
    }
    const cover = rangeCover(decodeBoundaries(section.boundaries), low, high);
    this.uses.range(column, cover);
    const tokens = nodeTokens(this.key, column, shuffled(cover.nodes));
    const args = tokens.map((token) => this.posting(token));
    const rows = await this.edgeRows(column, shuffled(cover.edges), low, high);
    if (rows.length > 0) args.push(this.add({ kind: 'rows', rows }));
    return this.add(args.length === 0 ? { kind: 'none' } : { kind: 'or', args });
  }

  /** Rows of the edge blocks that are inside the range: fetched sealed, opened and filtered here. */
  private async edgeRows(
    column: number,
    blocks: readonly number[],
    low: RangeLimit | undefined,
    high: RangeLimit | undefined,
  ): Promise<Uint32Array> {
    if (blocks.length === 0) return new Uint32Array(0);
    this.uses.edges += blocks.length;
    if (this.link instanceof PreviewLink) return new Uint32Array(0);
    const part = this.segment.index.id;
    const sealed = await this.link.search({
      table: this.table.id,
      index: part,
      labels: blocks.map((block) => edgeLabel(this.key, column, block)),
    });
    const rows = blocks.flatMap((block, i) => {
      const opened = openBlock(this.key, column, block, sealed[i], part);
      return Array.from(filterEdge(opened, low, high));
    });
    return Uint32Array.from(rows).sort();
  }

  private complement(node: number): number {
    return node === -1 ? this.add({ kind: 'all' }) : this.add({ kind: 'not', arg: node });
  }

  private posting(token: Uint8Array): number {
    const id = `t${token.join()}`;
    const found = this.known.get(id);
    if (found !== undefined) return found;
    this.uses.tokens++;
    const node = this.nodes.push({ kind: 'posting', token }) - 1;
    this.known.set(id, node);
    return node;
  }

  private add(node: SetNode): number {
    const id = node.kind === 'rows' || node.kind === 'posting' ? undefined : JSON.stringify(node);
    const found = id === undefined ? undefined : this.known.get(id);
    if (found !== undefined) return found;
    const at = this.nodes.push(node) - 1;
    if (id !== undefined) this.known.set(id, at);
    return at;
  }
}

function inside(
  value: Uint8Array,
  low: RangeLimit | undefined,
  high: RangeLimit | undefined,
): boolean {
  const fromLow = low === undefined ? 1 : compareBytes(value, low.value);
  const fromHigh = high === undefined ? -1 : compareBytes(value, high.value);
  return (
    (fromLow > 0 || (fromLow === 0 && low!.inclusive)) &&
    (fromHigh < 0 || (fromHigh === 0 && high!.inclusive))
  );
}
