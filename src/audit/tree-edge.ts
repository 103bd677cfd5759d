import { EMPTY_ROOT, nodeHash, subtreeRoot } from './merkle.ts';
import { edgeTiles, type Tile, TILE_WIDTH } from './tile.ts';

/** A tile with its hashes. */
export interface FilledTile extends Tile {
  readonly level: number;
  readonly hashes: readonly Uint8Array[];
}

/** The right edge of a tree: the tiles that are not full yet, of which the next entry needs to know. */
export class TreeEdge {
  private readonly rows: Uint8Array[][];
  private count: number;

  private constructor(count: number, rows: Uint8Array[][]) {
    this.count = count;
    this.rows = rows;
  }

  static empty(): TreeEdge {
    return new TreeEdge(0, []);
  }

  /** The edge of the tree of `size` entries; `read` gives the hashes of a tile. */
  static async load(
    size: number,
    read: (tile: Tile) => Promise<readonly Uint8Array[]>,
  ): Promise<TreeEdge> {
    const rows: Uint8Array[][] = [];
    for (const tile of edgeTiles(size)) {
      const level = Number(tile.level);
      while (rows.length < level) rows.push([]);
      rows[level] = [...(await read(tile))];
    }
    return new TreeEdge(size, rows);
  }

  get size(): number {
    return this.count;
  }

  /** Add the hash of an entry. @returns the tiles that it made full, from level 0 up */
  push(hash: Uint8Array): FilledTile[] {
    this.count++;
    const full: FilledTile[] = [];
    let carry: Uint8Array | undefined = hash;
    for (let level = 0; carry !== undefined; level++) {
      const row = (this.rows[level] ??= []);
      row.push(carry);
      carry = undefined;
      if (row.length < TILE_WIDTH) continue;
      this.rows[level] = [];
      const index = Math.floor(this.count / TILE_WIDTH ** (level + 1)) - 1;
      full.push({ level, index, width: TILE_WIDTH, hashes: row });
      carry = subtreeRoot(row, 0, TILE_WIDTH);
    }
    return full;
  }

  /** The tiles that are not full. */
  partial(): FilledTile[] {
    return edgeTiles(this.count).map((tile) => {
      const level = Number(tile.level);
      return { ...tile, level, hashes: [...(this.rows[level] ?? [])] };
    });
  }

  /** The root of the tree: its complete subtrees, largest first, hashed together from the right. */
  root(): Uint8Array {
    let root: Uint8Array | undefined;
    for (const row of this.rows) {
      let end = row.length;
      for (let size = 1; size < TILE_WIDTH; size *= 2) {
        if (Math.floor(row.length / size) % 2 === 0) continue;
        end -= size;
        const left = subtreeRoot(row, end, size);
        root = root === undefined ? left : nodeHash(left, root);
      }
    }
    return root ?? EMPTY_ROOT;
  }
}
