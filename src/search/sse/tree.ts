/**
 * The dyadic tree of a range index. Rows of a column that are not NULL are ranked by value and ranks
 * cut into blocks of 1,024; node (level, index) covers blocks [index·2^level, (index + 1)·2^level).
 * The tree stands over blocks and not over the domain, so its size and the cost of a range depend on
 * the number of rows only (at most 256 blocks, 9 levels). A node whose right half lies past the last
 * block holds what its left child holds and is not stored.
 */
export const BLOCK_ROWS = 1024;

export interface RangeNode {
  readonly level: number;
  readonly index: number;
}

export function blocksOf(rows: number): number {
  return Math.ceil(rows / BLOCK_ROWS);
}

/** Levels of the tree over that many blocks. */
export function levelsOf(blocks: number): number {
  return blocks === 0 ? 0 : 33 - Math.clz32(blocks - 1);
}

/** How many nodes of a level are stored; they are those with the lowest indexes. */
export function nodesAt(level: number, blocks: number): number {
  return level === 0 ? blocks : Math.ceil((blocks - 2 ** (level - 1)) / 2 ** level);
}

/** The fewest stored nodes whose blocks are exactly [from, to), each block once, in any order. */
export function coverBlocks(from: number, to: number, blocks: number): RangeNode[] {
  const cover: RangeNode[] = [];
  if (from >= to) return cover;
  let low = from;
  // Blocks past the last are empty: counting them in lets one large node end the cover.
  let high = to === blocks ? 2 ** (levelsOf(blocks) - 1) : to;
  for (let level = 0; low < high; level++) {
    if ((low & 1) === 1) add(cover, level, low++, blocks);
    if ((high & 1) === 1) add(cover, level, --high, blocks);
    low >>>= 1;
    high >>>= 1;
  }
  return cover;
}

function add(cover: RangeNode[], level: number, index: number, blocks: number): void {
  if (index * 2 ** level >= blocks) return;
  while (index >= nodesAt(level, blocks)) {
    level--;
    index *= 2;
  }
  cover.push({ level, index });
}
