import { wipe } from '../../bytes/compare.ts';
import { KEYWORD_KIND } from '../keyword.ts';
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
} from './format.ts';
import {
  blockContent,
  KEYWORD,
  type KeywordKind,
  keywordPrf,
  nodeContent,
  type KeywordPrf,
} from './token/keyword.ts';
import { layoutOf } from './layout.ts';
import { ListWriter, RegionWriter } from './build/lists.ts';
import { ProofWriter } from './build/proofs.ts';
import { edgeBlocks, nodeCounts, sortedLevels, type EdgeBlocks } from './build/ranks.ts';
import { bucketBytes, type ProofShape, proofShape } from './proof.ts';
import { bucketRecordBytes, proofKey } from './token/proof.ts';
import { BLOCK_ROWS } from './tree.ts';

export type { IndexColumn } from './build/column.ts';

/** Steps in which record counts are padded. */
const SMALL_STEP = 32;
const LARGE_STEP = 8;

export interface BuiltIndex {
  readonly part: Uint8Array;
  /** Per column given, for range columns: what the vault needs to cover a range, to be sealed. */
  readonly boundaries: readonly (ColumnBoundaries | undefined)[];
  /** Buckets of the MACs of lists; 0: there are none. */
  readonly buckets: number;
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
 *
 * With `epoch`, in which the segment is to be published, every list has a MAC besides (proof.ts).
 * @throws INTERNAL when the columns are not as `IndexColumn` says.
 */
export function buildIndex(
  segmentKey: Uint8Array,
  rows: number,
  columns: readonly IndexColumn[],
  epoch?: number,
): BuiltIndex {
  if (segmentKey.length !== 32) invalid('the segment key is not 32 bytes');
  if (!Number.isInteger(rows) || rows < 1 || rows > MAX_ROWS) invalid('row count out of range');
  const prepared = columns.map((column): PreparedColumn => {
    const grouped = groupRows(column, rows);
    const edges = column.range ? edgeBlocks(column.values, grouped, rows) : undefined;
    return { column, grouped, edges };
  });
  const { proofs: shape, ...sizes } = shapeOf(rows, prepared, epoch !== undefined);
  const { part, index } = allocateIndex(sizes);
  const prf = keywordPrf(segmentKey);
  const proofs =
    shape && epoch !== undefined ? new ProofWriter(proofKey(segmentKey, epoch), shape) : undefined;
  const lists = new ListWriter(index, proofs);
  for (const column of prepared) {
    writeKeywords(lists, prf, column);
    writeParts(lists, prf, column);
    if (column.edges !== undefined) writeNodes(lists, prf, column);
  }
  lists.finish();
  const sealed = new Map(index.sealed.map((region) => [region.stride, new RegionWriter(region)]));
  if (shape !== undefined) proofs?.finish(sealed.get(bucketRecordBytes(bucketBytes(shape)))!);
  writeEdges(sealed, prf, prepared);
  prf.destroy();
  return {
    part,
    boundaries: prepared.map(({ edges }) => edges?.boundaries),
    buckets: shape?.buckets ?? 0,
  };
}

function shapeOf(
  rows: number,
  columns: readonly PreparedColumn[],
  proved: boolean,
): IndexShape & { readonly proofs?: ProofShape } {
  let small = 0;
  let large = 0;
  let lists = 0;
  const add = (count: number): void => {
    if (count === 0) return;
    lists++;
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
    if (column.parts !== undefined) {
      const { starts } = column.parts;
      for (let i = 0; i + 1 < starts.length; i++) add(starts[i + 1]! - starts[i]!);
    }
    if (edges === undefined) continue;
    for (const { count } of nodeCounts(grouped.rows.length)) add(count);
    for (const size of [...edges.sizes, ...edges.decoys]) {
      const stride = edgeRecordBytes(size);
      strides.set(stride, (strides.get(stride) ?? 0) + 1);
    }
  }
  const proofs = proved ? proofShape(padSize(lists, SMALL_STEP)) : undefined;
  if (proofs !== undefined) {
    const stride = bucketRecordBytes(bucketBytes(proofs));
    strides.set(stride, (strides.get(stride) ?? 0) + proofs.buckets);
  }
  const sealed = [...strides].map(([stride, count]) => ({ stride, count }));
  sealed.sort((a, b) => a.stride - b.stride);
  return {
    rows,
    small: padSize(small, SMALL_STEP),
    large: padSize(large, LARGE_STEP),
    sealed,
    ...(proofs && { proofs }),
  };
}

function writeKeywords(lists: ListWriter, prf: KeywordPrf, prepared: PreparedColumn): void {
  const { id, values, equality } = prepared.column;
  const { starts, rows, nulls } = prepared.grouped;
  if (nulls.length > 0) {
    lists.write(prf.token(KEYWORD.null, id), nulls, 0, nulls.length);
  }
  if (!equality) return;
  const token = new Uint8Array(TOKEN_BYTES);
  for (let i = 0; i < values.length; i++) {
    if (starts[i + 1] === starts[i]) continue;
    prf.token(KEYWORD.value, id, values[i]!, token);
    lists.write(token, rows, starts[i]!, starts[i + 1]!);
  }
  wipe(token);
}

const PART_KINDS: ReadonlyMap<number | undefined, KeywordKind> = new Map([
  [KEYWORD_KIND.token, KEYWORD.token],
  [KEYWORD_KIND.prefix, KEYWORD.prefix],
  [KEYWORD_KIND.gram, KEYWORD.gram],
  [KEYWORD_KIND.pad, KEYWORD.pad],
]);

function writeParts(lists: ListWriter, prf: KeywordPrf, { column }: PreparedColumn): void {
  if (column.parts === undefined) return;
  const { keywords, starts, members } = column.parts;
  const token = new Uint8Array(TOKEN_BYTES);
  for (const [i, keyword] of keywords.entries()) {
    if (starts[i + 1] === starts[i]) continue;
    const kind = PART_KINDS.get(keyword[0]) ?? invalid('not a part of a value');
    prf.token(kind, column.id, keyword.subarray(1), token);
    lists.write(token, members, starts[i]!, starts[i + 1]!);
  }
  wipe(token);
}

function writeNodes(lists: ListWriter, prf: KeywordPrf, { column, grouped }: PreparedColumn): void {
  const nodes = nodeCounts(grouped.rows.length);
  const token = new Uint8Array(TOKEN_BYTES);
  let next = 0;
  let level = 0;
  for (const sorted of sortedLevels(grouped.rows)) {
    for (; nodes[next]?.node.level === level; next++) {
      const { node, count } = nodes[next]!;
      const from = node.index * BLOCK_ROWS * 2 ** level;
      prf.token(KEYWORD.node, column.id, nodeContent(level, node.index), token);
      lists.write(token, sorted, from, from + count);
    }
    level++;
  }
  wipe(token);
}

function writeEdges(
  writers: ReadonlyMap<number, RegionWriter>,
  prf: KeywordPrf,
  columns: readonly PreparedColumn[],
): void {
  for (const { column, edges } of columns) {
    edges?.plain.forEach((plain, block) => {
      const token = prf.token(KEYWORD.edge, column.id, blockContent(block));
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
