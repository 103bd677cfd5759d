/** The first `limit` rows of all segments together, in order; all of them without a limit. */
export function limitRows(
  segments: readonly { readonly segment: string; readonly rows: Uint32Array }[],
  limit: number | undefined,
): { segment: string; rows: Uint32Array }[] {
  let left = limit ?? Infinity;
  return segments.map(({ segment, rows }) => {
    const taken = rows.subarray(0, left);
    left -= taken.length;
    return { segment, rows: taken };
  });
}
