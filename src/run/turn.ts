/** Lets whatever else this thread has to do come first: an abort, another call, a progress bar. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    // A timer's shortest wait is a millisecond, and takes longer than many a segment.
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else setTimeout(resolve, 0);
  });
}
