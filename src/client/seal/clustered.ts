import { randomPermutation } from '../../bytes/permutation.ts';

/**
 * An order in which the rows of a group lie together: for each position the row that goes there, as
 * `randomPermutation`. First come the whole chunks, each of one group; then what is left of each group, less
 * than a chunk, group after group. The order of the groups is random, and so is that of the rows of one.
 *
 * @param groups per row its group, any integers from −1 on
 * @param chunk rows of a chunk
 */
export function clusteredOrder(groups: Int32Array, chunk: number): Uint32Array {
  const rows = groups.length;
  const members = new Map<number, number[]>();
  for (const row of randomPermutation(rows)) {
    const group = groups[row]!;
    const known = members.get(group);
    if (known === undefined) members.set(group, [row]);
    else known.push(row);
  }
  // Groups come in the order of their first members, which is not uniform: large ones come first.
  const all = [...members.values()];
  const lists = Array.from(randomPermutation(all.length), (i) => all[i]!);
  const order = new Uint32Array(rows);
  let at = 0;
  const place = (list: readonly number[]): void => {
    order.set(list, at);
    at += list.length;
  };
  const wholeOf = (list: readonly number[]): number => list.length - (list.length % chunk);
  for (const list of lists) place(list.slice(0, wholeOf(list)));
  for (const list of lists) place(list.slice(wholeOf(list)));
  return order;
}
