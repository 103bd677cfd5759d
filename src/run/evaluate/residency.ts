import type { MemoryRegion } from '../../ring/simd/wasm-ring.ts';

/**
 * Parts of a store brought into the one memory that all evaluators of a process share. An evaluator
 * sees it through this interface; run/arena/ implements it.
 */
export interface Residency {
  /** This evaluator's own part of the memory, for its ring. */
  readonly region: Required<MemoryRegion>;
  /** Most bytes that one lease may hold. */
  readonly capacity: number;
  /**
   * All of `wants` at once, kept in place until the lease is released. A task that holds a lease asks
   * for no other, so tasks never wait for each other in a circle. Keys are distinct.
   *
   * @throws REQUEST_TOO_LARGE for more than `capacity`; what a fill throws
   */
  acquire(wants: readonly Want[]): Promise<Lease>;
}

export interface Want {
  /** Names the bytes: equal keys, equal bytes. */
  readonly key: string;
  readonly bytes: number;
  /**
   * Write the bytes and check them, if nobody has yet. `view` gives them; memory may grow whenever
   * something is awaited, so it is to be called anew after that.
   */
  fill(view: () => Uint8Array): Promise<void>;
}

export interface Resident {
  /** Byte offset in the memory, a multiple of 64. */
  readonly offset: number;
  readonly bytes: number;
  /** Another number whenever the bytes were brought in anew: what was derived of them is stale. */
  readonly stamp: number;
}

export interface Lease {
  /** In the order of the wants. */
  readonly parts: readonly Resident[];
  /** @param scratchBytes what is still allocated in the evaluator's region, for statistics */
  release(scratchBytes: number): void;
}
