import { compareBytes } from '../bytes/compare.ts';
import { shuffled } from '../bytes/permutation.ts';
import { OpalineError } from '../errors/opaline-error.ts';
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
import { isUnlisted } from '../table/search-index.ts';
import { openBlock } from './edge-block.ts';
import type { NodeList } from './node-list.ts';
import { PreviewLink } from './preview-link.ts';
import type { SegmentSource } from './segment-source.ts';

/** Nodes of the lists that a segment's sse index has: of values, NULL, parts of values and blocks of ranks. */
export class ListNodes {
  private readonly source: SegmentSource;
  private readonly list: NodeList;
  private readonly key: Uint8Array;

  constructor(source: SegmentSource, list: NodeList) {
    this.source = source;
    this.list = list;
    this.key = source.table.segmentKeys(source.segment.id).search;
  }

  /** The rows where a column is NULL; −1 when there is none. */
  nulls(column: number): number {
    const { meta, table, uses } = this.source;
    if (meta.columns[column]!.nulls === 0) return -1;
    const { name, search } = table.schema.columns[column]!;
    if (isUnlisted({ search })) {
      throw new OpalineError('INTERNAL', { reason: `"${name}" has no list of NULL rows` });
    }
    uses.nulls(column);
    return this.list.posting(nullToken(this.key, column));
  }

  /** The rows with each value of a column that has lists per value. */
  values(column: number, canonicals: readonly Uint8Array[]): number[] {
    return valueTokens(this.key, column, canonicals).map((token) => this.list.posting(token));
  }

  /** The rows with one value: by its list where there is one, else as a range. */
  async equals(column: number, canonical: Uint8Array): Promise<number> {
    const { meta, uses } = this.source;
    if (meta.columns[column]!.equality) {
      uses.values(column, [canonical]);
      return this.list.posting(valueToken(this.key, column, canonical));
    }
    const end = { value: canonical, inclusive: true };
    return await this.range(column, end, end);
  }

  /** The rows with any of the values of the dictionary that are wanted. */
  anyValue(column: number, canonicals: readonly Uint8Array[]): number {
    this.source.uses.values(column, canonicals);
    if (canonicals.length === 0) return this.list.add({ kind: 'none' });
    return this.list.add({ kind: 'or', args: this.values(column, shuffled(canonicals)) });
  }

  /** The rows in runs of a column's blocks of ranks, of which a segment has `of`. */
  runs(
    column: number,
    runs: readonly { readonly from: number; readonly to: number; readonly of: number }[],
  ): number[] {
    const covers = runs.map(({ from, to, of }) => shuffled(coverBlocks(from, to, of)));
    const tokens = nodeTokens(this.key, column, covers.flat());
    let next = 0;
    return covers.map((cover) =>
      this.list.any(cover.map(() => this.list.posting(tokens[next++]!))),
    );
  }

  /** The rows by lists of what is part of their values; the parts come in a random order. */
  parts(
    column: number,
    kind: 'token' | 'prefix' | 'gram',
    parts: readonly string[],
    tested: boolean,
  ): number[] {
    this.source.uses.parts(column, kind, parts, tested);
    const tokens = partTokens(this.key, column, kind, shuffled(parts));
    return tokens.map((token) => this.list.posting(token));
  }

  /** A segment from before there were such lists would be searched in vain. */
  checkParts(column: number): void {
    const { meta, table } = this.source;
    if (meta.columns[column]!.parts) return;
    throw new OpalineError('CAPABILITY_MISSING', {
      operation: 'a search for parts of values',
      column: `"${table.schema.columns[column]!.name}"`,
      needs: 'lists of them, in segments that an older version made without',
    });
  }

  /** The rows in a range: by lists of values, or by the rank tree and the edge blocks that the ends cut. */
  async range(
    column: number,
    low: RangeLimit | undefined,
    high: RangeLimit | undefined,
  ): Promise<number> {
    const { table, segment, uses } = this.source;
    const meta = this.source.meta.columns[column]!;
    if (meta.distinct === 0) return this.list.add({ kind: 'none' });
    const section = await table.column(segment, column);
    if (!meta.range || section.boundaries === undefined) {
      const values = (section.dictionary ?? [])
        .map(({ value }) => value)
        .filter((value) => inside(value, low, high));
      return this.anyValue(column, values);
    }
    const cover = rangeCover(decodeBoundaries(section.boundaries), low, high);
    uses.range(column, cover);
    const tokens = nodeTokens(this.key, column, shuffled(cover.nodes));
    const args = tokens.map((token) => this.list.posting(token));
    const rows = await this.edgeRows(column, shuffled(cover.edges), low, high);
    if (rows.length > 0) args.push(this.list.add({ kind: 'rows', rows }));
    return this.list.add(args.length === 0 ? { kind: 'none' } : { kind: 'or', args });
  }

  /** Rows of the edge blocks that are inside the range: fetched sealed, opened and filtered here. */
  private async edgeRows(
    column: number,
    blocks: readonly number[],
    low: RangeLimit | undefined,
    high: RangeLimit | undefined,
  ): Promise<Uint32Array> {
    if (blocks.length === 0) return new Uint32Array(0);
    const { table, segment, link, uses } = this.source;
    uses.edges += blocks.length;
    if (link instanceof PreviewLink) return new Uint32Array(0);
    const part = segment.index.id;
    const sealed = await link.search({
      table: table.id,
      index: part,
      labels: blocks.map((block) => edgeLabel(this.key, column, block)),
    });
    const rows = blocks.flatMap((block, i) => {
      const opened = openBlock(this.key, column, block, sealed[i], part);
      return Array.from(filterEdge(opened, low, high));
    });
    return Uint32Array.from(rows).sort();
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
