/**
 * Remembers what was loaded: asking for a module again takes longer than much that is asked of it. What few
 * queries need is loaded by the first that does, so that a process that is asked one question starts quickly.
 */
export function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined;
  return () => (loading ??= load());
}
