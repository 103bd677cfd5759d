import { OpalineError } from '../errors/opaline-error.ts';
import { decodeCanonical } from '../table/canonical.ts';
import type { SegmentEntry } from '../table/manifest.ts';
import type { SegmentMeta } from '../table/segment-meta.ts';
import type { Value } from '../table/value.ts';
import type { OpenTable } from './open-table.ts';
import type { NodeCompiler } from './row-nodes.ts';

/** Groups that one query may make. */
export const GROUP_LIMIT = 10_000;

/** The values of a grouping column over all segments, NULL among them where a segment has one. */
export class GroupValues {
  readonly values: Value[] = [];
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
        group.numbers.set(id, group.values.push(decodeCanonical(canonical, type)) - 1);
      }
      if (meta.nulls > 0 && group.nullNumber === -1) {
        group.nullNumber = group.values.push(null) - 1;
      }
    }
    return group;
  }

  /** Per value its node in the segment, −1 where the segment has no such row. */
  nodes(entry: SegmentEntry, compiler: NodeCompiler): number[] {
    const nodes = this.values.map(() => -1);
    const dictionary = this.dictionaries.get(entry.id) ?? [];
    const found = compiler.values(this.column, dictionary);
    dictionary.forEach((canonical, i) => {
      nodes[this.numbers.get(canonical.join())!] = found[i]!;
    });
    if (this.nullNumber !== -1) nodes[this.nullNumber] = compiler.nulls(this.column);
    return nodes;
  }
}
