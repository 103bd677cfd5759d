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
  readonly undeclared: Undeclared;
  readonly layout: 'random';
}

/**
 * How products of two columns that no pair declares are answered: by ciphertexts of single columns
 * that the store multiplies, by every pair's product computed at ingest, or not at all.
 */
export type Undeclared = 'product' | 'pairs' | 'none';

/** With so many numeric columns, all pairs take no more room at rest than columns to be multiplied. */
const PAIRS_UP_TO = 5;
/** With more, declared pairs are cheaper than what anybody might want to multiply. */
const PRODUCT_UP_TO = 8;

/** What holds where a schema does not say. */
export function undeclaredByDefault(columns: readonly Pick<Column, 'type'>[]): Undeclared {
  const numeric = columns.filter(isAggregated).length;
  if (numeric <= PAIRS_UP_TO) return 'pairs';
  return numeric <= PRODUCT_UP_TO ? 'product' : 'none';
}

/** The schema indexes of the columns that are stored to be multiplied. */
export function multipliedColumns({ columns, undeclared }: Schema): number[] {
  if (undeclared !== 'product') return [];
  const numeric = columns.flatMap((column, i) => (isAggregated(column) ? [i] : []));
  return numeric.length < 2 ? [] : numeric;
}

/** True for columns that carry ciphertexts: x and x² are encrypted for sums. */
export function isAggregated(column: Pick<Column, 'type'>): boolean {
  return column.type === 'real' || isWhole(column);
}

/** True for columns whose values are whole numbers of a scale, without rounding. */
export function isWhole(column: Pick<Column, 'type'>): boolean {
  return column.type === 'integer' || column.type === 'decimal';
}
