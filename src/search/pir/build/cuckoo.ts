/**
 * Where records go: cuckoo hashing with two candidate buckets a record (Pagh and Rodler, ESA 2001) and
 * buckets that hold many (Dietzfelbinger and Weidling, ICALP 2005), here until their bytes are used up. What
 * finds no place goes on a stash (Kirsch, Mitzenmacher, Wieder, ESA 2008).
 *
 * A bucket holds dozens of records, so that it is filled to more than nine tenths before anything is left over;
 * with a single candidate the fullest bucket would hold half as much again as the mean one.
 */
export interface Items {
  /** Bytes that each takes in a bucket. */
  readonly sizes: Uint16Array;
  /** Two buckets for each, which may be the same. */
  readonly candidates: Uint32Array;
}

export interface Placement {
  /** For each bucket, the indexes of its items. */
  readonly buckets: readonly (readonly number[])[];
  readonly stash: readonly number[];
}

/** Items moved, at most, for each that there is: bounds the time where candidates are unlucky. */
const MOVES_EACH = 16;

/** Put the items into `buckets` buckets of `capacity` bytes each; every size is at most `capacity`. */
export function placeItems(items: Items, buckets: number, capacity: number): Placement {
  const { sizes, candidates } = items;
  const places = Array.from({ length: buckets }, (): number[] => []);
  const free = new Int32Array(buckets).fill(capacity);
  const stash: number[] = [];
  const waiting: number[] = [];
  let moves = MOVES_EACH * sizes.length;
  // Which of two moves is taken is of no consequence but for progress: it shows nowhere outside a sealed bucket.
  let state = 0;
  const draw = (bound: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 16) % bound;
  };
  const place = (item: number): boolean => {
    const [a, b] = [candidates[2 * item]!, candidates[2 * item + 1]!];
    const bucket = free[a]! >= free[b]! ? a : b;
    if (free[bucket]! < sizes[item]!) return false;
    places[bucket]!.push(item);
    free[bucket]! -= sizes[item]!;
    return true;
  };
  const makeRoom = (item: number): void => {
    const bucket = candidates[2 * item + draw(2)]!;
    const members = places[bucket]!;
    for (; free[bucket]! < sizes[item]! && moves > 0; moves--) {
      const at = victim(members, sizes, 2 * sizes[item]!, draw);
      const evicted = members[at]!;
      members[at] = members.at(-1)!;
      members.pop();
      free[bucket]! += sizes[evicted]!;
      waiting.push(evicted);
    }
    if (free[bucket]! < sizes[item]!) {
      stash.push(item);
      return;
    }
    members.push(item);
    free[bucket]! -= sizes[item]!;
  };
  // Large ones first: small ones fill the gaps that these leave.
  for (const next of largestFirst(sizes)) {
    for (let item: number | undefined = next; item !== undefined; item = waiting.pop()) {
      if (!place(item)) makeRoom(item);
    }
  }
  return { buckets: places, stash };
}

/**
 * Which member makes room: any that is not much larger than what comes, or else the smallest. One as large as a bucket
 * would put out dozens in turn.
 */
function victim(
  members: readonly number[],
  sizes: Uint16Array,
  most: number,
  draw: (bound: number) => number,
): number {
  const first = draw(members.length);
  let smallest = first;
  for (let k = 0; k < members.length; k++) {
    const at = (first + k) % members.length;
    const size = sizes[members[at]!]!;
    if (size <= most) return at;
    if (size < sizes[members[smallest]!]!) smallest = at;
  }
  return smallest;
}

/** Indexes by size, by counting. */
function largestFirst(sizes: Uint16Array): Uint32Array {
  const starts = new Uint32Array(2 ** 16 + 1);
  for (const size of sizes) starts[2 ** 16 - size]! += 1;
  for (let i = 1; i < starts.length; i++) starts[i]! += starts[i - 1]!;
  const order = new Uint32Array(sizes.length);
  // Filling from each size's end.
  for (let item = sizes.length - 1; item >= 0; item--) {
    const at = (starts[2 ** 16 - sizes[item]!]! -= 1);
    order[at] = item;
  }
  return order;
}
