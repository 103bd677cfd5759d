/** Segments whose indexes are asked at once: a lookup is a round trip. */
const AT_ONCE = 16;

/** The results of `make` for each item, in order; a few are made at a time. */
export async function eachSegment<T, R>(
  items: readonly T[],
  make: (item: T, position: number) => Promise<R>,
): Promise<R[]> {
  const out: R[] = [];
  for (let from = 0; from < items.length; from += AT_ONCE) {
    const some = items.slice(from, from + AT_ONCE);
    out.push(...(await Promise.all(some.map((item, i) => make(item, from + i)))));
  }
  return out;
}
