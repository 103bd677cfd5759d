import type { ScoresWork, SegmentScores } from './fragment-scores.ts';

/**
 * The store's share of a plan: what to look up, intersect and add up. It holds tokens, never a
 * value, a name or a key that opens data.
 */
export interface Fragment {
  readonly version: 1;
  readonly table: string;
  /** Epoch of the manifest the tokens were made for. */
  readonly epoch: number;
  readonly work: AggregateWork | RowsWork | MembersWork | ScoresWork;
  readonly segments: readonly SegmentFragment[];
}

/** Sum ciphertext columns over row sets, one result per group that is not empty. */
export interface AggregateWork {
  readonly kind: 'aggregate';
  /** Batches of segments whose partial sums may be added without passing the plaintext modulus. */
  readonly outputs: readonly OutputSpec[];
  /** Number of counts wanted per group. */
  readonly counts: number;
  /** Tallies are numbered from 0 to below this. */
  readonly tallies: number;
  /** Most groups the store may return before it must refuse. */
  readonly maxGroups: number;
}

export interface OutputSpec {
  /** A sum of a ciphertext column, of products of two, or of a column under a divided key. */
  readonly kind: 'sum' | 'product' | 'divided';
  /** Limbs of the reply after modulus switching. */
  readonly limbs: number;
}

/** Return the ids of the matching rows of each segment, at most `limit` in all if given. */
export interface RowsWork {
  readonly kind: 'rows';
  readonly limit?: number;
}

/** Of the rows of some nodes, tell which group each is in. */
export interface MembersWork {
  readonly kind: 'members';
  readonly maxGroups: number;
}

export interface SegmentFragment {
  readonly segment: string;
  /** Row-set expressions in topological order: arguments are indexes of earlier nodes. */
  readonly nodes: readonly SetNode[];
  /** Index of the filter's node. */
  readonly filter: number;
  /** Per grouping column, per value index, the node that holds its rows; −1: no row of this segment. */
  readonly groups: readonly (readonly number[])[];
  /** Per count wanted, the node to intersect with the group; −1: none. */
  readonly counts: readonly number[];
  readonly sums: readonly SegmentSum[];
  /** Counts of which most are 0 in most groups: of values, or of blocks of neighbouring values. */
  readonly tallies: readonly SegmentTally[];
  /** Nodes whose rows a members reply sorts into groups. */
  readonly members: readonly number[];
  /** Of scores alone: the model. */
  readonly scores?: SegmentScores;
}

export interface SegmentTally {
  /** Counts of one number add up over segments. */
  readonly tally: number;
  /** Node to intersect with each group. */
  readonly node: number;
}

export interface SegmentSum {
  /** Index into work.outputs: the accumulator this adds to. */
  readonly output: number;
  /** Ciphertext column number within the segment. */
  readonly column: number;
  /** Of products: the column that the other is multiplied by, row by row. */
  readonly times?: number;
  /** Node to intersect with the group; −1: none. */
  readonly over: number;
}

export type SetNode =
  | { readonly kind: 'all' }
  | { readonly kind: 'none' }
  | { readonly kind: 'posting'; readonly token: Uint8Array }
  /** The rows that a token stands for in the segment's further index of that number (search/rung.ts). */
  | { readonly kind: 'lookup'; readonly rung: number; readonly token: Uint8Array }
  /** Explicit rows, found by the vault in sealed edge blocks. */
  | { readonly kind: 'rows'; readonly rows: Uint32Array }
  | { readonly kind: 'and'; readonly args: readonly number[] }
  | { readonly kind: 'or'; readonly args: readonly number[] }
  | { readonly kind: 'not'; readonly arg: number };

/** One group of an aggregate reply. */
export interface GroupReply {
  /** Value index per grouping column. */
  readonly key: readonly number[];
  readonly counts: readonly number[];
  readonly tallies: SparseCounts;
  /**
   * One sample per output. Of a product b is empty and a the three polynomials of a ciphertext, one
   * after the other, in evaluation form.
   */
  readonly sums: readonly {
    readonly limbs: number;
    readonly b: Uint32Array;
    readonly a: Uint32Array;
  }[];
}

/** The counts that are not 0, ascending by number. */
export interface SparseCounts {
  readonly numbers: Uint32Array;
  readonly counts: Uint32Array;
}

export interface AggregateReply {
  readonly groups: readonly GroupReply[];
}

export interface RowsReply {
  readonly segments: readonly { readonly segment: string; readonly rows: Uint32Array }[];
}

/** The rows of one segment's members nodes by group. */
export interface MembersReply {
  readonly segments: readonly SegmentMembers[];
}

export interface SegmentMembers {
  readonly segment: string;
  /** Per group with rows in the filter, the value index of each grouping column. */
  readonly keys: readonly (readonly number[])[];
  /** Per members node, of each of its rows, ascending: 1 + its group's place in `keys`, 0 for none. */
  readonly groups: readonly Uint32Array[];
}
