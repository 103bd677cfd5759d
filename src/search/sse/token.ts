import { utf8 } from '../../bytes/codec.ts';
import { compareBytes } from '../../bytes/compare.ts';
import type { ColumnBoundaries } from './boundaries.ts';
import { edgePlace, labelOf, openSealedEdge, type EdgeBlock } from './token/edge.ts';
import {
  blockContent,
  KEYWORD,
  keywordPrf,
  nodeContent,
  type KeywordKind,
} from './token/keyword.ts';
import { coverBlocks, type RangeNode } from './tree.ts';

export type { EdgeBlock } from './token/edge.ts';

/** One end of a range, as a canonical value; canonical bytes order as the values do. */
export interface RangeLimit {
  readonly value: Uint8Array;
  readonly inclusive: boolean;
}

/** A range as the store and the vault see it: whole nodes, and blocks that the vault filters. */
export interface RangeCover {
  readonly nodes: readonly RangeNode[];
  /** Blocks of which some rows may be in the range: at most two. */
  readonly edges: readonly number[];
}

const NOTHING = [new Uint8Array(0)];

/** Tokens of values of a column in one segment, 32 bytes each, in the order given. */
export function valueTokens(
  segmentKey: Uint8Array,
  column: number,
  canonicals: readonly Uint8Array[],
): Uint8Array[] {
  return tokens(segmentKey, KEYWORD.value, column, canonicals);
}

/** The token of the rows whose cell is the value with these canonical bytes. */
export function valueToken(
  segmentKey: Uint8Array,
  column: number,
  canonical: Uint8Array,
): Uint8Array {
  return valueTokens(segmentKey, column, [canonical])[0]!;
}

/** Tokens of the rows that have each of some parts of values, which are distinct and of one kind. */
export function partTokens(
  segmentKey: Uint8Array,
  column: number,
  kind: 'token' | 'prefix' | 'gram',
  parts: readonly string[],
): Uint8Array[] {
  return tokens(segmentKey, KEYWORD[kind], column, parts.map(utf8));
}

/** The token of the rows whose cell is NULL. */
export function nullToken(segmentKey: Uint8Array, column: number): Uint8Array {
  return tokens(segmentKey, KEYWORD.null, column, NOTHING)[0]!;
}

/** Tokens of range nodes, as `rangeCover` lists them. */
export function nodeTokens(
  segmentKey: Uint8Array,
  column: number,
  nodes: readonly RangeNode[],
): Uint8Array[] {
  const contents = nodes.map(({ level, index }) => nodeContent(level, index));
  return tokens(segmentKey, KEYWORD.node, column, contents);
}

export function nodeToken(segmentKey: Uint8Array, column: number, node: RangeNode): Uint8Array {
  return nodeTokens(segmentKey, column, [node])[0]!;
}

/** The label at which the store finds a sealed edge block; it opens nothing. 16 bytes. */
export function edgeLabel(segmentKey: Uint8Array, column: number, block: number): Uint8Array {
  return labelOf(edgeToken(segmentKey, column, block));
}

/** @throws BYTES_INVALID unless `sealed` is that block of that column, unaltered. */
export function openEdge(
  segmentKey: Uint8Array,
  column: number,
  block: number,
  sealed: Uint8Array,
): EdgeBlock {
  return openSealedEdge(edgeToken(segmentKey, column, block), edgePlace(column, block), sealed);
}

/** Not a token for the store: it seals the block as well as naming it. */
function edgeToken(segmentKey: Uint8Array, column: number, block: number): Uint8Array {
  return tokens(segmentKey, KEYWORD.edge, column, [blockContent(block)])[0]!;
}

function tokens(
  segmentKey: Uint8Array,
  kind: KeywordKind,
  column: number,
  contents: readonly Uint8Array[],
): Uint8Array[] {
  if (contents.length === 0) return [];
  const prf = keywordPrf(segmentKey);
  const each = contents.map((content) => prf.token(kind, column, content));
  prf.destroy();
  return each;
}

/**
 * Cover the values from `low` to `high`, an absent end being unbounded. Blocks wholly inside are
 * covered by the fewest nodes; a block that an end may cut is an edge. Neither list says more than
 * which blocks the range touches; a range that is empty by its ends touches none.
 */
export function rangeCover(
  { first, last }: ColumnBoundaries,
  low?: RangeLimit,
  high?: RangeLimit,
): RangeCover {
  const edges: number[] = [];
  if (isEmpty(low, high)) return { nodes: [], edges };
  let from = 0;
  let to = 0;
  for (let block = 0; block < first.length; block++) {
    if (!isAbove(last[block]!, low) || !isBelow(first[block]!, high)) continue;
    if (isAbove(first[block]!, low) && isBelow(last[block]!, high)) {
      if (to === 0) from = block;
      to = block + 1;
    } else {
      edges.push(block);
    }
  }
  return { nodes: coverBlocks(from, to, first.length), edges };
}

/** The rows of an opened edge block whose value lies in the range, ascending. */
export function filterEdge(
  { values, starts, rows }: EdgeBlock,
  low?: RangeLimit,
  high?: RangeLimit,
): Uint32Array {
  const kept: number[] = [];
  for (let i = 0; i < values.length; i++) {
    if (!isAbove(values[i]!, low) || !isBelow(values[i]!, high)) continue;
    for (let r = starts[i]!; r < starts[i + 1]!; r++) kept.push(rows[r]!);
  }
  return Uint32Array.from(kept).sort();
}

/** True when the value satisfies the lower end of a range. */
function isAbove(value: Uint8Array, low: RangeLimit | undefined): boolean {
  if (low === undefined) return true;
  const order = compareBytes(value, low.value);
  return order > 0 || (order === 0 && low.inclusive);
}

/** True when the value satisfies the upper end of a range. */
function isBelow(value: Uint8Array, high: RangeLimit | undefined): boolean {
  if (high === undefined) return true;
  const order = compareBytes(value, high.value);
  return order < 0 || (order === 0 && high.inclusive);
}

function isEmpty(low: RangeLimit | undefined, high: RangeLimit | undefined): boolean {
  if (low === undefined || high === undefined) return false;
  const order = compareBytes(low.value, high.value);
  return order > 0 || (order === 0 && !(low.inclusive && high.inclusive));
}
