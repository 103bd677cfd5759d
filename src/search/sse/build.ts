import { wordsOf } from '../../bytes/codec.ts';
import { wipe } from '../../bytes/compare.ts';
import type { ColumnBoundaries } from './boundaries.ts';
import { groupRows, invalid, type GroupedRows, type IndexColumn } from './build/column.ts';
import { edgePlace, edgeRecordBytes, labelOf, sealEdge } from './token/edge.ts';
import {
  allocateIndex,
  LABEL_BYTES,
  MAX_ROWS,
  padSize,
  TOKEN_BYTES,
  type IndexShape,
  type ParsedIndex,
} from './format.ts';
import {
  blockContent,
  KEYWORD,
  keywordKey,
  keywordToken,
  keywordTokens,
  nodeContent,
} from './token/keyword.ts';
import { layoutOf } from './layout.ts';
import { ListWriter, RegionWriter } from './build/lists.ts';
import { edgeBlocks, nodeCounts, sortedLevels, type EdgeBlocks } from './build/ranks.ts';
import { BLOCK_ROWS } from './tree.ts';

export type { IndexColumn } from './build/column.ts';

/** Steps in which record counts are padded. */
const SMALL_STEP = 32;
const LARGE_STEP = 8;
/** Keywords whose tokens are derived at a time: few AES calls, little memory. */
const BATCH = 16_384;
const TOKEN_WORDS = TOKEN_BYTES / 4;

export interface BuiltIndex {
  readonly part: Uint8Array;
  /** Per column given, for range columns: what the vault needs to cover a range, to be sealed. */
  readonly boundaries: readonly (ColumnBoundaries | undefined)[];
}

interface PreparedColumn {
  readonly column: IndexColumn;
  readonly grouped: GroupedRows;
  readonly edges: EdgeBlocks | undefined;
}

/**
 * Build the encrypted index of one segment.
 *
 * `segmentKey` is 32 bytes and belongs to this build alone: a second index under the same key would
 * reuse its keystreams. `rows` is 1 to 2^18.
 *
 * The part's size depends on `rows`, on the padded numbers of small and of large records of all
 * lists together, and per range column on the padded size of its largest edge block (for columns
 * with a few enormous values, on sizes rounded to powers of two): not on which lists are long.
 * @throws INTERNAL when the columns are not as `IndexColumn` says.
 */
export function buildIndex(
  segmentKey: Uint8Array,
  rows: number,
  columns: readonly IndexColumn[],
): BuiltIndex {
  if (segmentKey.length !== 32) invalid('the segment key is not 32 bytes');
  if (!Number.isInteger(rows) || rows < 1 || rows > MAX_ROWS) invalid('row count out of range');
  const prepared = columns.map((column): PreparedColumn => {
    const grouped = groupRows(column, rows);
    const edges = column.range ? edgeBlocks(column.values, grouped, rows) : undefined;
    return { column, grouped, edges };
  });
  const { part, index } = allocateIndex(shapeOf(rows, prepared));
  const key = keywordKey(segmentKey);
  const lists = new ListWriter(index);
  for (const column of prepared) {
    writeKeywords(lists, key, column);
    if (column.edges !== undefined) writeNodes(lists, key, column);
  }
  lists.finish();
  writeEdges(index, key, prepared);
  wipe(key);
  return { part, boundaries: prepared.map(({ edges }) => edges?.boundaries) };
}

function shapeOf(rows: number, columns: readonly PreparedColumn[]): IndexShape {
  let small = 0;
  let large = 0;
  const add = (count: number): void => {
    if (count === 0) return;
    const layout = layoutOf(count, rows);
    small += layout.small;
    large += layout.large;
  };
  const strides = new Map<number, number>();
  for (const { column, grouped, edges } of columns) {
    add(grouped.nulls.length);
    if (column.equality) {
      const { starts } = grouped;
      for (let i = 0; i + 1 < starts.length; i++) add(starts[i + 1]! - starts[i]!);
    }
    if (edges === undefined) continue;
    for (const { count } of nodeCounts(grouped.rows.length)) add(count);
    for (const size of [...edges.sizes, ...edges.decoys]) {
      const stride = edgeRecordBytes(size);
      strides.set(stride, (strides.get(stride) ?? 0) + 1);
    }
  }
  const sealed = [...strides].map(([stride, count]) => ({ stride, count }));
  sealed.sort((a, b) => a.stride - b.stride);
  return { rows, small: padSize(small, SMALL_STEP), large: padSize(large, LARGE_STEP), sealed };
}

function writeKeywords(lists: ListWriter, key: Uint8Array, prepared: PreparedColumn): void {
  const { id, values, equality } = prepared.column;
  const { starts, rows, nulls } = prepared.grouped;
  if (nulls.length > 0) {
    lists.write(wordsOf(keywordToken(key, KEYWORD.null, id)), 0, nulls, 0, nulls.length);
  }
  if (!equality) return;
  const present = values.flatMap((_, i) => (starts[i + 1]! > starts[i]! ? [i] : []));
  for (let at = 0; at < present.length; at += BATCH) {
    const batch = present.slice(at, at + BATCH);
    const contents = batch.map((i) => values[i]!);
    const tokens = wordsOf(keywordTokens(key, KEYWORD.value, id, contents));
    for (let k = 0; k < batch.length; k++) {
      lists.write(tokens, k * TOKEN_WORDS, rows, starts[batch[k]!]!, starts[batch[k]! + 1]!);
    }
    tokens.fill(0);
  }
}

function writeNodes(lists: ListWriter, key: Uint8Array, { column, grouped }: PreparedColumn): void {
  const nodes = nodeCounts(grouped.rows.length);
  const contents = nodes.map(({ node }) => nodeContent(node.level, node.index));
  const tokens = wordsOf(keywordTokens(key, KEYWORD.node, column.id, contents));
  let next = 0;
  let level = 0;
  for (const sorted of sortedLevels(grouped.rows)) {
    for (; nodes[next]?.node.level === level; next++) {
      const { node, count } = nodes[next]!;
      const from = node.index * BLOCK_ROWS * 2 ** level;
      lists.write(tokens, next * TOKEN_WORDS, sorted, from, from + count);
    }
    level++;
  }
  tokens.fill(0);
}

function writeEdges(index: ParsedIndex, key: Uint8Array, columns: readonly PreparedColumn[]): void {
  const writers = new Map(index.sealed.map((region) => [region.stride, new RegionWriter(region)]));
  for (const { column, edges } of columns) {
    edges?.plain.forEach((plain, block) => {
      const token = keywordToken(key, KEYWORD.edge, column.id, blockContent(block));
      const writer = writers.get(edgeRecordBytes(edges.sizes[block]!))!;
      const at = writer.next();
      writer.region.bytes.set(labelOf(token), at);
      const place = edgePlace(column.id, block);
      const sealed = sealEdge(token, place, plain, edges.sizes[block]!);
      writer.region.bytes.set(sealed, at + LABEL_BYTES);
      wipe(token);
    });
  }
  // Decoys take the room that is left.
  for (const writer of writers.values()) writer.finish();
}
