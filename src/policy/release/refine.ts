/** A set of rows for each group, no two of which share a row. */
export interface Partition {
  /** By row: its group's number, −1 for none. */
  readonly groupOf: Int32Array;
  readonly groups: number;
}

/** Row -> class, classes numbered from 0 by first appearance. */
export interface Classes {
  readonly of: Uint32Array;
  readonly count: number;
}

/** The classes of rows that are equal in class and in group. */
export function refine(classes: Classes, { groupOf, groups }: Partition): Classes {
  const numbers = new Map<number, number>();
  const out = new Uint32Array(classes.of.length);
  for (let row = 0; row < out.length; row++) {
    const key = classes.of[row]! * (groups + 1) + groupOf[row]! + 1;
    let number = numbers.get(key);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(key, number);
    }
    out[row] = number;
  }
  return { of: out, count: numbers.size };
}

/** For each class the value that all of its rows have. */
export function sharedValues({ of, count }: Classes, values: ArrayLike<number>): Int32Array {
  const out = new Int32Array(count);
  for (let row = 0; row < of.length; row++) out[of[row]!] = values[row]!;
  return out;
}

/** Some groups of a partition, numbered anew in the order that they are named. */
export function restricted({ groupOf, groups }: Partition, accepted: readonly number[]): Partition {
  const place = new Int32Array(groups).fill(-1);
  for (const [i, group] of accepted.entries()) place[group] = i;
  return {
    groupOf: groupOf.map((group) => (group === -1 ? -1 : place[group]!)),
    groups: accepted.length,
  };
}
