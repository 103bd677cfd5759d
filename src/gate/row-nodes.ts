import { compareBytes } from '../bytes/compare.ts';
import { shuffled } from '../bytes/permutation.ts';
import { utf8 } from '../bytes/codec.ts';
import { OpalineError } from '../errors/opaline-error.ts';
import type { SetNode } from '../plan/fragment.ts';
import { likeLists } from '../plan/like-lists.ts';
import { beginningOf, isPrefix, type LikePattern, matchesLike } from '../plan/like.ts';
import type { SetAtom, SetPredicate } from '../plan/set-predicate.ts';
import { decodeBoundaries } from '../search/sse/boundaries.ts';
import {
  edgeLabel,
  filterEdge,
  nodeTokens,
  nullToken,
  partTokens,
  rangeCover,
  type RangeLimit,
  valueToken,
  valueTokens,
} from '../search/sse/token.ts';
import { coverBlocks } from '../search/sse/tree.ts';
import type { StoreLink } from '../store/link.ts';
import { keyword, KEYWORD_KIND } from '../search/keyword.ts';
import type { RungQuery } from '../search/token-rung.ts';
import { canonicalBytes, decodeCanonical } from '../table/canonical.ts';
import { type Answer, answers, hides } from '../table/search-answers.ts';
import { type FurtherIndex, indexOf, type SearchIndex } from '../table/search-index.ts';
import type { SegmentEntry } from '../table/manifest.ts';
import type { SegmentMeta } from '../table/segment-meta.ts';
import { openBlock } from './edge-block.ts';
import { PreviewLink } from './preview-link.ts';
import {
  conditionId,
  type MatchCondition,
  matchCondition,
  takeConditions,
} from './match-conditions.ts';
import { lookupRows, openRungIndex, type RungIndex, rungNumber } from './rung-index.ts';
import { HiddenRows } from './hidden-rows.ts';
import type { IndexUses } from './index-uses.ts';
import { likeRows } from './like-rows.ts';
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
    const indexFor = (column: number, answer: Answer): SearchIndex => this.indexFor(column, answer);
    this.hidden = new HiddenRows({ table, link, segment, meta, uses, indexFor });
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
      case 'not': {
        const match = matchCondition(p, this.asksWhole);
        if (match !== undefined) return await this.match(match);
        return this.complement(await this.predicate(p.arg));
      }
      case 'and': {
        const { conditions, others } = takeConditions(p.args, this.asksWhole);
        const args: number[] = [];
        for (const match of shuffled(conditions)) args.push(await this.match(match));
        const rest = this.hidden.gathered({ kind: 'and', args: others });
        for (const arg of shuffled(rest)) args.push(await this.predicate(arg));
        return args.length === 1 ? args[0]! : this.add({ kind: 'and', args });
      }
      case 'or': {
        const match = matchCondition(p, this.asksWhole);
        if (match !== undefined) return await this.match(match);
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
      case 'keyword': {
        const index = this.indexFor(column, 'match');
        if (index.index !== 'sse') {
          const bytes = keyword(KEYWORD_KIND.token, utf8(atom.keyword));
          return await this.byRung(
            column,
            index,
            { kind: 'keyword', keyword: bytes },
            bytes.join(),
          );
        }
        this.checkParts(column);
        return this.parts(column, 'token', [atom.keyword], false)[0]!;
      }
      case 'like':
        return await this.like(column, atom.pattern);
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

  /**
   * Whether the index that finds a column's keywords is asked for whole conditions of them: sse's lists are not, and
   * conditions of indexes that hide their answers are put together here (hidden-rows.ts).
   */
  private readonly asksWhole = (name: string): boolean => {
    const index = this.indexFor(this.table.columnIndex(name), 'match');
    return index.index !== 'sse' && !hides(index) && answers(index, 'matchAll');
  };

  /** The node of the rows that satisfy a condition of one column's keywords. */
  private async match({ column: name, condition, notNull }: MatchCondition): Promise<number> {
    const column = this.table.columnIndex(name);
    const index = this.indexFor(column, 'match') as FurtherIndex;
    const node =
      condition.kind === 'keyword'
        ? await this.byRung(column, index, condition, condition.keyword.join())
        : await this.byRung(column, index, { kind: 'match', condition }, conditionId(condition));
    const nulls = notNull ? this.nulls(column) : -1;
    if (nulls === -1) return node;
    return this.add({ kind: 'and', args: [node, this.complement(nulls)] });
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

  /** Rows by lists of what is part of their values; the parts come in a random order. */
  private parts(
    column: number,
    kind: 'token' | 'prefix' | 'gram',
    parts: readonly string[],
    tested: boolean,
  ): number[] {
    this.uses.parts(column, kind, parts, tested);
    const tokens = partTokens(this.key, column, kind, shuffled(parts));
    return tokens.map((token) => this.posting(token));
  }

  /** A segment from before there were such lists would be searched in vain. */
  private checkParts(column: number): void {
    if (this.meta.columns[column]!.parts) return;
    throw new OpalineError('CAPABILITY_MISSING', {
      operation: 'a search for parts of values',
      column: `"${this.table.schema.columns[column]!.name}"`,
      needs: 'lists of them, in segments that an older version made without',
    });
  }

  /**
   * The rows of a pattern, in the first of these ways that is open: the list of the prefix that it is; the
   * range of the values that begin with it; the lists of the dictionary's values that match; the rows of
   * its prefix and of all its grams, tested here record by record.
   */
  private async like(column: number, pattern: LikePattern): Promise<number> {
    if (this.meta.columns[column]!.distinct === 0) return this.add({ kind: 'none' });
    const lists = likeLists(pattern, indexOf(this.table.schema.columns[column]!, 'sse') ?? {});
    const { prefix, grams, exact } = lists ?? { grams: [], exact: false };
    if (exact && prefix !== undefined) {
      this.checkParts(column);
      return this.parts(column, 'prefix', [prefix], false)[0]!;
    }
    if (isPrefix(pattern)) {
      const start = utf8(beginningOf(pattern)!);
      const low = { value: start, inclusive: true };
      return await this.range(column, low, { value: afterPrefix(start), inclusive: false });
    }
    const { dictionary } = await this.table.column(this.segment, column);
    if (dictionary !== undefined) {
      const values = dictionary
        .map(({ value }) => value)
        .filter((value) => matchesLike(pattern, decodeCanonical(value, 'text') as string));
      this.uses.values(column, values);
      if (values.length === 0) return this.add({ kind: 'none' });
      return this.add({ kind: 'or', args: this.values(column, shuffled(values)) });
    }
    this.checkParts(column);
    this.uses.tested++;
    // Nodes of a fragment of its own: the query's has the rows that are left.
    const { table, link, segment, meta, uses } = this;
    const own = new NodeCompiler(table, link, segment, meta, uses);
    const args = [
      ...(prefix === undefined ? [] : own.parts(column, 'prefix', [prefix], true)),
      ...own.parts(column, 'gram', grams, true),
    ];
    const filter = own.add({ kind: 'and', args });
    const candidates = { entry: segment, nodes: own.nodes, filter };
    const rows = await likeRows(table, link, candidates, column, pattern);
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

/** The least bytes above every text that begins with these: UTF-8 has no byte 0xff. */
function afterPrefix(start: Uint8Array): Uint8Array {
  const above = start.slice();
  above[above.length - 1]! += 1;
  return above;
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
