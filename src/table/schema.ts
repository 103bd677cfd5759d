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
  readonly layout: 'random';
}

/** True for columns that carry ciphertexts: x and x² are encrypted for sums. */
export function isAggregated(column: Pick<Column, 'type'>): boolean {
  return column.type === 'integer' || column.type === 'decimal';
}
