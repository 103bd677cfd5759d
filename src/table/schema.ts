import type { SearchIndex } from './search-index.ts';
import type { TokenRule } from './tokens.ts';
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
  /** Documents alone: what their keywords are. */
  readonly tokens?: TokenRule;
  /** In the order of preference; empty for a column that no query filters by. */
  readonly search: readonly SearchIndex[];
  /** Numeric columns alone: stored once more, so that the store can score single rows by it. */
  readonly score?: true;
  /**
   * Of a derived column: the columns before it whose product it is, one entry for each factor. It is
   * computed at ingest, NULL where a factor is, and then stored like any other.
   */
  readonly derived?: readonly string[];
}

/** A checked, frozen schema; `parseSchema` (schema-json.ts) is its only maker. */
export interface Schema {
  readonly version: 1;
  readonly table: string;
  readonly subject?: string;
  /** Columns whose values no two rows share; undefined: rows are told apart by nothing. */
  readonly key?: readonly string[];
  /** The input's columns, then the derived ones. */
  readonly columns: readonly Column[];
  /** Pairs declared to be encrypted as products at ingest, each in schema order of its columns. */
  readonly pairs: readonly Pair[];
  readonly undeclared: Undeclared;
  /** Columns to group by without showing the store any group; others are grouped by their lists. */
  readonly groupBy: readonly PrivateGrouping[];
  readonly layout: Layout;
  /** Sums are encrypted under a public key whose secret custodians hold in shares. */
  readonly custody?: 'divided';
  /** Segments carry what verifies sums and row sets against a store that lies; absent: they do not. */
  readonly verified?: true;
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

/** The schema indexes of the columns that rows are scored by. */
export function scoredColumns({ columns }: Pick<Schema, 'columns'>): number[] {
  return columns.flatMap(({ score }, i) => (score === true ? [i] : []));
}

/** A column whose groups stay private: what is summed by it is encrypted once for each of its values. */
export interface PrivateGrouping {
  readonly column: string;
  /** Products summed by group besides every x and the counts, each in schema order, x·x included. */
  readonly products: readonly Pair[];
}

/** How rows lie in their segment: at random, or those of one value of a column together. */
export type Layout = 'random' | { readonly clustered: string };

/** True for columns that carry ciphertexts: x and x² are encrypted for sums. */
export function isAggregated(column: Pick<Column, 'type'>): boolean {
  return column.type === 'real' || isWhole(column);
}

/** True for columns whose values are whole numbers of a scale, without rounding. */
export function isWhole(column: Pick<Column, 'type'>): boolean {
  return column.type === 'integer' || column.type === 'decimal';
}

/** The columns that the input has: all but the derived ones. */
export function inputColumns(schema: Schema): readonly Column[] {
  return schema.columns.filter(({ derived }) => derived === undefined);
}

/** Two columns by name, in schema order. */
export type Pair = readonly [string, string];

/** The pairs whose product is encrypted at ingest. */
export function storedPairs({ columns, pairs, undeclared }: Schema): readonly Pair[] {
  return undeclared === 'pairs' ? allPairs(columns) : pairs;
}

/** The pairs whose product can be summed: stored ones, and those that the store multiplies. */
export function summedPairs({ columns, pairs, undeclared }: Schema): readonly Pair[] {
  return undeclared === 'none' ? pairs : allPairs(columns);
}

function allPairs(columns: readonly Column[]): Pair[] {
  const numeric = columns.filter(isAggregated);
  return numeric.flatMap((x, i) => numeric.slice(i + 1).map((y) => [x.name, y.name] as const));
}
