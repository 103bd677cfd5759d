/** Moves after which a cell goes to the stash. Chains are a few moves long unless there is no room. */
const MOST_MOVES = 512;
const NOBODY = 0xffffffff;

/** Which cell lies at each place, NOBODY's where none does, and those that found none. */
export interface Placement {
  readonly at: Uint32Array;
  readonly stash: readonly number[];
}

/**
 * Cuckoo hashing into two tables of `side` places (Pagh–Rodler 2004): cell i may lie at places[2i], in the first, or
 * places[2i + 1], in the second. A cell that comes takes its place in the first table; who lay there moves
 * to its other one, and so on; whoever is moving after many moves goes to the stash (Kirsch–Mitzenmacher–Wieder
 * 2009). Undefined when there are more than `most` of those.
 */
export function placeCells(places: Uint32Array, side: number, most: number): Placement | undefined {
  const at = new Uint32Array(2 * side).fill(NOBODY);
  const stash: number[] = [];
  for (let i = 0; i < places.length / 2; i++) {
    let moving = i;
    let table = 0;
    for (let moves = 0; moving !== NOBODY && moves < MOST_MOVES; moves++) {
      const place = places[2 * moving + table]!;
      const evicted = at[place]!;
      at[place] = moving;
      moving = evicted;
      // Who is evicted from a table has its other place in the other.
      table ^= 1;
    }
    if (moving === NOBODY) continue;
    stash.push(moving);
    if (stash.length > most) return undefined;
  }
  return { at, stash };
}

export function isEmpty(cell: number): boolean {
  return cell === NOBODY;
}
