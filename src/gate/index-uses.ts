import type { RungQuery } from '../search/token-rung.ts';
import type { FurtherIndex } from '../table/search-index.ts';

/** What a query asks of each column's index, over all segments: the input of its leakage. */
export class IndexUses {
  /** Tokens handed to the store. */
  tokens = 0;
  /** Sealed edge blocks fetched. */
  edges = 0;
  /** Questions to indexes that hide their answers. */
  lookups = 0;
  /** Of these, to indexes of which the store cannot tell what they found, put together in the vault. */
  hidden = 0;
  /** Segments in which records are fetched to be tested against a pattern. */
  tested = 0;
  readonly columns: Map<number, ColumnUses> = new Map();
  readonly rungs: Map<string, RungUses> = new Map();

  /** Posting lists of single values, by canonical bytes. */
  values(column: number, canonicals: readonly Uint8Array[]): void {
    const uses = this.of(column);
    for (const canonical of canonicals) uses.values.set(canonical.join(), canonical);
  }

  /** Lists of parts of values; `tested`: of the rows of all of them, records are opened and tested here. */
  parts(
    column: number,
    kind: keyof ColumnUses['parts'],
    parts: readonly string[],
    tested: boolean,
  ): void {
    const uses = this.of(column);
    for (const part of parts) uses.parts[kind].add(part);
    uses.tested ||= tested;
  }

  nulls(column: number): void {
    this.of(column).nulls = true;
  }

  range(column: number, cover: { nodes: readonly unknown[]; edges: readonly unknown[] }): void {
    const uses = this.of(column);
    uses.range ??= { nodes: 0, edges: 0 };
    uses.range.nodes += cover.nodes.length;
    uses.range.edges += cover.edges.length;
  }

  /** Row sets of neighbouring values that are counted. */
  order(column: number, sets: number): void {
    const uses = this.of(column);
    uses.order ??= { sets: 0, opened: 0 };
    uses.order.sets += sets;
  }

  /** Blocks of those that are fetched and opened. */
  opened(column: number, blocks: number): void {
    this.order(column, 0);
    this.of(column).order!.opened += blocks;
  }

  /** A further index is asked for the rows of something that `id` names. */
  rung(column: number, index: FurtherIndex, query: RungQuery, id: string): void {
    const { kind } = query;
    const key = `${column}/${index.index}/${kind}`;
    const uses = this.rungs.get(key) ?? { column, index, kind, asked: new Map() };
    uses.asked.set(id, query);
    this.rungs.set(key, uses);
  }

  /** Round trips before the one that runs the plan. */
  get roundsBefore(): number {
    return (this.edges > 0 || this.lookups > 0 ? 1 : 0) + (this.tested > 0 ? 2 : 0);
  }

  groupBy(column: number): void {
    this.of(column).groupBy = true;
  }

  private of(column: number): ColumnUses {
    const known = this.columns.get(column);
    if (known !== undefined) return known;
    const made: ColumnUses = {
      values: new Map(),
      parts: { token: new Set(), prefix: new Set(), gram: new Set() },
      tested: false,
      nulls: false,
      groupBy: false,
    };
    this.columns.set(column, made);
    return made;
  }
}

/** What is asked of a column's further index. */
export interface RungUses {
  readonly column: number;
  readonly index: FurtherIndex;
  readonly kind: 'keyword' | 'range' | 'match';
  /** By the bytes of a keyword, joined, or what else tells queries apart. */
  readonly asked: Map<string, RungQuery>;
}

export interface ColumnUses {
  readonly values: Map<string, Uint8Array>;
  readonly parts: { readonly [K in 'token' | 'prefix' | 'gram']: Set<string> };
  tested: boolean;
  nulls: boolean;
  groupBy: boolean;
  range?: { nodes: number; edges: number };
  order?: { sets: number; opened: number };
}
