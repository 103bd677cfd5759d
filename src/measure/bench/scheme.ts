import type { Exchange } from '../attacks/distinguisher.ts';
import type { SchemeStatement } from './result.ts';

/**
 * A way to keep a table on a computer that is not trusted and still have it answer: one file, registered once, and
 * every suite, table and plot has it.
 */
export interface Scheme extends Omit<SchemeStatement, 'scheme'> {
  /** Lower-case with hyphens, unique. */
  readonly name: string;
  /** npm packages that it is imported from when it is used; where one is missing the scheme is left out and named. */
  readonly packages?: readonly string[];
  /** Rows beyond which it is not run, or is run on fewer and said so: "seconds a row" schemes. */
  readonly mostRows?: number;
  /** Exponent of time against rows that is claimed: 1 for a scan, 0 for a lookup; absent or null: none is. */
  readonly expectedGrowth?: (workload: WorkloadName) => number | null;
  /** Encrypt the table and hand it to the store. */
  prepare(table: LabTable, context: SchemeContext): Promise<PreparedScheme>;
}

export interface SchemeContext {
  /** Of this scheme alone; removed afterwards. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** A table in plain as the lab hands it to every scheme, in columns. */
export interface LabTable {
  readonly name: string;
  readonly rows: number;
  readonly columns: Readonly<Record<string, LabColumn>>;
}

export type LabColumn =
  | { readonly kind: 'integer'; readonly values: Int32Array }
  /** `codes[row]` is a place in `values`. */
  | { readonly kind: 'text'; readonly codes: Uint32Array; readonly values: readonly string[] }
  /** Words of every row. */
  | { readonly kind: 'document'; readonly texts: readonly string[] };

/**
 * What a workload asks, in a form that needs no parser. `group-by`: the sum of `column` in each group. `range`: from
 * `from` to `to`, both included. Values of equalities on integer columns are decimal text.
 */
export type Question =
  | { readonly workload: 'sum'; readonly column: string }
  | { readonly workload: 'filtered-average'; readonly column: string; readonly where: Equality }
  | { readonly workload: 'group-by'; readonly group: string; readonly column: string }
  | { readonly workload: 'correlation'; readonly x: string; readonly y: string }
  | { readonly workload: 'exact-lookup'; readonly where: Equality }
  | {
      readonly workload: 'range';
      readonly column: string;
      readonly from: number;
      readonly to: number;
    }
  | { readonly workload: 'keyword'; readonly column: string; readonly word: string }
  | { readonly workload: 'conjunction'; readonly where: readonly [Equality, Equality] }
  | { readonly workload: 'private-lookup'; readonly where: Equality };

export interface Equality {
  readonly column: string;
  readonly value: string;
}

export type WorkloadName = Question['workload'];

/**
 * What the client has in the end. Sums, averages and correlations one number; groups one sum each, in order of the
 * groups' names as `<` orders strings.
 */
export interface Answer {
  /** Numbers as decimal text where exact; lookups, ranges, keywords: how many rows were found. */
  readonly values: readonly (string | number)[];
  /** Bytes over the wire, where the scheme has one. */
  readonly bytesUp?: number;
  readonly bytesDown?: number;
  readonly noiseMarginBits?: number;
  /** What the store saw of this query, for the attacks on transcripts. */
  readonly transcript?: readonly Exchange[];
  /**
   * Of a group-by: how many rows the store itself could count in each group, in the order of `values` (the lab shuffles
   * them before it attacks); absent: it saw no groups.
   */
  readonly groupVolumes?: readonly number[];
}

/** Rows that a store finds by a query. */
export interface FoundRows {
  /** Once each, below `of`. */
  readonly rows: Uint32Array;
  /** Rows of the table, as the store numbers them. */
  readonly of: number;
}

export interface PreparedScheme extends AsyncDisposable {
  /** What the store keeps for this workload; keys that it was given. */
  readonly bytes: (workload: WorkloadName) => { readonly atRest: number; readonly keys: number };
  /** Undefined: it cannot. */
  readonly answer: (question: Question) => Promise<Answer> | undefined;
  /**
   * Per row what the store can tell equal at rest, in the column's order of rows: the same number, the same value for all it
   * sees. `all`: it reads the values. Undefined: a sealed blob a row, none like another.
   */
  readonly atRest?: (column: string) => Uint32Array | 'all' | undefined;
  /** Leakage profile of a workload in a sentence: at rest, and by the query. */
  readonly shows: (workload: WorkloadName) => string;
  /**
   * Asks a question, and tells which rows the store itself finds by it, under numbers of the store's own that stay the same
   * from query to query. Undefined, or absent: it finds none. For attacks on which rows answer which ranges.
   */
  readonly rowsFound?: (question: Question) => Promise<FoundRows | undefined> | undefined;
  /** Whether the labels of `atRest(column)` order as the values do, so that attacks on order are run too. */
  readonly ordered?: (column: string) => boolean;
}
