const GIB = 2 ** 30;

/** Bytes of memory this process may count on: the machine's, or a container's limit; a guess where neither is told. */
export function physicalMemory(): number {
  if (typeof process === 'undefined' || typeof process.getBuiltinModule !== 'function') {
    // Browsers tell at most 8 GiB, and some nothing.
    const told = (globalThis.navigator as { deviceMemory?: number } | undefined)?.deviceMemory;
    return (told ?? 2) * GIB;
  }
  const total = process.getBuiltinModule('node:os').totalmem();
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(total, limit) : total;
}
