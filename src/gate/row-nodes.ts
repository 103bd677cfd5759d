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
import { canonicalBytes, decodeCanonical } from '../table/canonical.ts';
import type { SegmentEntry } from '../table/manifest.ts';
import { indexOf } from '../table/search-index.ts';
import type { SegmentMeta } from '../table/segment-meta.ts';
import { openBlock } from './edge-block.ts';
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
        for (const arg of shuffled(p.args)) args.push(await this.predicate(arg));
        return this.add({ kind: p.kind, args });
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
        if (meta.equality) {
          this.uses.values(column, [canonical]);
          return this.posting(valueToken(this.key, column, canonical));
        }
        const end = { value: canonical, inclusive: true };
        return await this.range(column, end, end);
      }
      case 'range':
        return await this.range(
          column,
          atom.low && { ...atom.low, value: canonicalBytes(atom.low.value, type) },
          atom.high && { ...atom.high, value: canonicalBytes(atom.high.value, type) },
        );
      case 'keyword':
        this.checkParts(column);
        return this.parts(column, 'token', [atom.keyword], false)[0]!;
      case 'like':
        return await this.like(column, atom.pattern);
      default:
        return atom satisfies never;
    }
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
