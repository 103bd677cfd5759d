import type { ColumnType } from './value.ts';

/** One column of a checked schema. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** Decimal places; 0 for every type but decimal. */
  readonly scale: number;
  readonly nullable: boolean;
  /** Declared inclusive range, scaled, numeric columns only. */
  readonly range?: readonly [bigint, bigint];
  /** Free label for the data map (for example "financial"). */
  readonly category?: string;
  readonly search: readonly SearchIndexKind[];
}

export type SearchIndexKind = 'sse';

/** A checked, frozen schema; `parseSchema` (schema-json.ts) is its only maker. */
export interface Schema {
  readonly version: 1;
  readonly table: string;
  readonly subject?: string;
  readonly columns: readonly Column[];
  /** Pairs whose product is encrypted at ingest, each in schema order of its columns. */
  readonly pairs: readonly (readonly [string, string])[];
  /** Columns to group by without showing the store any group; others are grouped by their lists. */
  readonly groupBy: readonly PrivateGrouping[];
  readonly layout: Layout;
}

/** A column whose groups stay private: what is summed by it is encrypted once for each of its values. */
export interface PrivateGrouping {
  readonly column: string;
  /** Products summed by group besides every x and the counts, each in schema order, x·x included. */
  readonly products: readonly (readonly [string, string])[];
}

/** How rows lie in their segment: at random, or those of one value of a column together. */
export type Layout = 'random' | { readonly clustered: string };

/** True for columns that carry ciphertexts: x and x² are encrypted for sums. */
export function isAggregated(column: Pick<Column, 'type'>): boolean {
  return column.type === 'integer' || column.type === 'decimal';
}
