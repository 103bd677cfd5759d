import { readFileSync, writeFileSync } from 'node:fs';

/** What memory runs take. */
export interface MemoryMeter {
  /** Begins a run; what it returns tells how much the run took so far. */
  mark(): () => Growth;
}

/** Null: not known. */
interface Growth {
  /** Resident peak since the run began, less what was resident then. */
  readonly rss: number | null;
  /** What WebAssembly memories have grown by. */
  readonly wasm: number | null;
}

export const NO_MEMORY: MemoryMeter = { mark: () => () => ({ rss: null, wasm: null }) };

/**
 * Resident memory by Linux's high-water mark, which is reset before each run (proc(5), clear_refs), so that peaks
 * inside of a call count. Elsewhere it is not known: what is resident after a call says nothing about its peak.
 */
export function processMemory(): MemoryMeter {
  const wasm = watchWasm();
  return {
    mark() {
      const wasmBefore = wasm();
      const before = resetPeak() ? status('VmRSS') : null;
      return () => {
        const peak = before === null ? null : status('VmHWM');
        const rss = before === null || peak === null ? null : Math.max(0, peak - before);
        return { rss, wasm: Math.max(0, wasm() - wasmBefore) };
      };
    },
  };
}

function resetPeak(): boolean {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
    return true;
  } catch {
    return false;
  }
}

function status(field: 'VmRSS' | 'VmHWM'): number | null {
  try {
    const found = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(
      readFileSync('/proc/self/status', 'latin1'),
    );
    return found === null ? null : Number(found[1]) * 1024;
  } catch {
    return null;
  }
}

let watching: (() => number) | undefined;

/**
 * Bytes of the memories of WebAssembly modules that this thread makes from now on, by weak references: those that a
 * program constructs and those that instances export. Threads' own memories are not seen; shared ones are.
 */
function watchWasm(): () => number {
  if (watching !== undefined) return watching;
  const memories = new Set<WeakRef<WebAssembly.Memory>>();
  const known = new WeakSet<WebAssembly.Memory>();
  const keep = (memory: WebAssembly.Memory): void => {
    if (known.has(memory)) return;
    known.add(memory);
    memories.add(new WeakRef(memory));
  };
  const keepExports = (instance: WebAssembly.Instance): void => {
    for (const one of Object.values(instance.exports)) {
      if (one instanceof WebAssembly.Memory) keep(one);
    }
  };
  const api = WebAssembly as { -readonly [K in keyof typeof WebAssembly]: (typeof WebAssembly)[K] };
  api.Memory = new Proxy(api.Memory, {
    construct(target, args, newTarget) {
      const memory = Reflect.construct(target, args, newTarget) as WebAssembly.Memory;
      keep(memory);
      return memory;
    },
  });
  api.Instance = new Proxy(api.Instance, {
    construct(target, args, newTarget) {
      const instance = Reflect.construct(target, args, newTarget) as WebAssembly.Instance;
      keepExports(instance);
      return instance;
    },
  });
  for (const name of ['instantiate', 'instantiateStreaming'] as const) {
    const made = Reflect.get(api, name) as (...args: unknown[]) => Promise<unknown>;
    const watched = async (...args: unknown[]): Promise<unknown> => {
      const result = await made.apply(WebAssembly, args);
      const instance =
        result instanceof WebAssembly.Instance
          ? result
          : (result as WebAssembly.WebAssemblyInstantiatedSource).instance;
      keepExports(instance);
      return result;
    };
    Reflect.set(api, name, watched);
  }
  watching = () => {
    let bytes = 0;
    for (const reference of memories) {
      const memory = reference.deref();
      if (memory === undefined) memories.delete(reference);
      else bytes += memory.buffer.byteLength;
    }
    return bytes;
  };
  return watching;
}
