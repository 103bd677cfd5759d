/**
 * How long an answer still waits, so that its time tells only how many buckets it took: exact samplers and the work
 * itself take a time that depends on what they compute.
 *
 * @param elapsed since the request came, milliseconds
 * @param bucket milliseconds, at least 1
 */
export function remainingWait(elapsed: number, bucket: number): number {
  const buckets = Math.max(1, Math.ceil(elapsed / bucket));
  return buckets * bucket - elapsed;
}
