import { randomPermutation, shuffled } from '../bytes/permutation.ts';
import { OpalineError } from '../errors/opaline-error.ts';
import { decodeCanonical } from '../table/canonical.ts';
import type { SegmentEntry } from '../table/manifest.ts';
import type { SegmentMeta } from '../table/segment-meta.ts';
import type { Value } from '../table/value.ts';
import type { OpenTable } from './open-table.ts';
import type { NodeCompiler } from './row-nodes.ts';

/** Groups that one query may make. */
export const GROUP_LIMIT = 10_000;

/**
 * The values of a grouping column over all segments, NULL among them where a segment has one; in a
 * random order, anew for each query.
 */
export class GroupValues {
  private order: Value[] = [];
  private readonly numbers = new Map<string, number>();
  private readonly dictionaries = new Map<string, readonly Uint8Array[]>();
  private readonly column: number;
  private nullNumber = -1;

  private constructor(column: number) {
    this.column = column;
  }

  static async load(
    table: OpenTable,
    column: number,
    metas: readonly SegmentMeta[],
  ): Promise<GroupValues> {
    const group = new GroupValues(column);
    const { type } = table.schema.columns[column]!;
    for (const [i, entry] of table.manifest.segments.entries()) {
      const meta = metas[i]!.columns[column]!;
      const { dictionary } = await table.column(entry, column);
      if (dictionary === undefined) {
        throw new OpalineError('GROUP_LIMIT', { groups: meta.distinct, limit: GROUP_LIMIT });
      }
      const canonicals = dictionary.map(({ value }) => value);
      group.dictionaries.set(entry.id, canonicals);
      for (const canonical of canonicals) {
        const id = canonical.join();
        if (group.numbers.has(id)) continue;
        group.numbers.set(id, group.order.push(decodeCanonical(canonical, type)) - 1);
      }
      if (meta.nulls > 0 && group.nullNumber === -1) {
        group.nullNumber = group.order.push(null) - 1;
      }
    }
    group.shuffle();
    return group;
  }

  /** The numbers of a segment's values in the order of its dictionary, then NULL's where it has one. */
  numbersIn(entry: SegmentEntry, meta: SegmentMeta): number[] {
    const dictionary = this.dictionaries.get(entry.id) ?? [];
    const numbers = dictionary.map((canonical) => this.numbers.get(canonical.join())!);
    return meta.columns[this.column]!.nulls > 0 ? [...numbers, this.nullNumber] : numbers;
  }

  /** Values are numbered in the order of dictionaries, their own, which is not for the store. */
  private shuffle(): void {
    const from = randomPermutation(this.order.length);
    const to = new Map(Array.from(from, (before, place) => [before, place]));
    this.order = Array.from(from, (before) => this.order[before]!);
    for (const [id, before] of this.numbers) this.numbers.set(id, to.get(before)!);
    this.nullNumber = to.get(this.nullNumber) ?? -1;
  }

  get values(): readonly Value[] {
    return this.order;
  }

  /** Per value its node in the segment, −1 where the segment has no such row. */
  nodes(entry: SegmentEntry, compiler: NodeCompiler): number[] {
    const nodes = this.values.map(() => -1);
    const dictionary = shuffled(this.dictionaries.get(entry.id) ?? []);
    const add = (canonicals: readonly Uint8Array[]): void => {
      const found = compiler.values(this.column, canonicals);
      canonicals.forEach((canonical, i) => {
        nodes[this.numbers.get(canonical.join())!] = found[i]!;
      });
    };
    // NULL comes somewhere among them: at an end it would be known.
    const place = randomPermutation(dictionary.length + 1)[0]!;
    add(dictionary.slice(0, place));
    if (this.nullNumber !== -1) nodes[this.nullNumber] = compiler.nulls(this.column);
    add(dictionary.slice(place));
    return nodes;
  }
}
