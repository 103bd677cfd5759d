const GIB = 2 ** 30;

const inBrowser = (): boolean =>
  typeof process === 'undefined' || typeof process.getBuiltinModule !== 'function';

/**
 * Bytes that resident columns may take where nobody says how many: a quarter of the memory, so that two processes
 * and what else runs have room; 3 GiB at most, which with the evaluators' regions fits a WebAssembly memory of 4,
 * and 1 GiB in a page, which is one of many.
 */
export function residentBudget(): number {
  return Math.min((inBrowser() ? 1 : 3) * GIB, Math.floor(physicalMemory() / 4));
}

/** Bytes of memory this process may count on: the machine's, or a container's limit; a guess where neither is told. */
function physicalMemory(): number {
  if (inBrowser()) {
    // Browsers tell at most 8 GiB, and some nothing.
    const told = (globalThis.navigator as { deviceMemory?: number } | undefined)?.deviceMemory;
    return (told ?? 2) * GIB;
  }
  const total = process.getBuiltinModule('node:os').totalmem();
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(total, limit) : total;
}
