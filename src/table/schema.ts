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
  /**
   * Of a derived column: the columns before it whose product it is, one entry for each factor. It is
   * computed at ingest, NULL where a factor is, and then stored like any other.
   */
  readonly derived?: readonly string[];
}

export type SearchIndexKind = 'sse';

/** A checked, frozen schema; `parseSchema` (schema-json.ts) is its only maker. */
export interface Schema {
  readonly version: 1;
  readonly table: string;
  readonly subject?: string;
  /** The input's columns, then the derived ones. */
  readonly columns: readonly Column[];
  /** Pairs declared to be encrypted as products at ingest, each in schema order of its columns. */
  readonly pairs: readonly (readonly [string, string])[];
  readonly layout: 'random';
}

/** True for columns that carry ciphertexts: x and x² are encrypted for sums. */
export function isAggregated(column: Pick<Column, 'type'>): boolean {
  return column.type === 'integer' || column.type === 'decimal';
}

/** The columns that the input has: all but the derived ones. */
export function inputColumns(schema: Schema): readonly Column[] {
  return schema.columns.filter(({ derived }) => derived === undefined);
}

/** With so many numeric columns or fewer, derived ones among them, every pair is stored undeclared. */
export const AUTOMATIC_PAIRS_LIMIT = 5;

/** The pairs whose product is encrypted at ingest: all where there are few columns, else those declared. */
export function storedPairs({ columns, pairs }: Schema): readonly (readonly [string, string])[] {
  const numeric = columns.filter(isAggregated);
  if (numeric.length > AUTOMATIC_PAIRS_LIMIT) return pairs;
  return numeric.flatMap((x, i) => numeric.slice(i + 1).map((y) => [x.name, y.name] as const));
}
