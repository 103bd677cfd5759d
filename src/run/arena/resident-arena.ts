import { Arena } from '../../ring/simd/arena.ts';
import type { MemoryRegion } from '../../ring/simd/wasm-ring.ts';
import type { Residency } from '../evaluate/residency.ts';
import { Directory, type DirectoryStatistics } from './directory.ts';
import { residentBudget } from './physical-memory.ts';
import { ArenaSession } from './session.ts';

const PAGE = 65_536;
const FOUR_GIB = 2 ** 32;

/** An evaluator's region: tables, accumulators and masks. Touched only as far as it is used. */
export const REGION_BYTES: number = 36 << 20;

export interface ResidentArenaOptions {
  /**
   * Bytes for resident columns and indexes; default: a quarter of the machine's memory, 3 GiB at
   * most.
   */
  readonly bytes?: number;
  /** Threads that evaluate besides this one; with none the memory is not shared. */
  readonly threads?: number;
}

export interface ArenaStatistics extends DirectoryStatistics {
  /** What the WebAssembly memory has reached: all regions, and the most that was ever resident. */
  readonly memoryBytes: number;
  readonly capacity: number;
}

/**
 * The one memory in which this process evaluates: a region for each evaluator at the bottom, then
 * what is resident, which grows up to its capacity. The memory has 4 GiB at most, and never shrinks.
 *
 * Memory that threads share needs SharedArrayBuffer, which browsers grant to isolated pages only;
 * an unshared one serves the same code in one thread.
 */
export class ResidentArena {
  readonly memory: WebAssembly.Memory;
  readonly capacity: number;
  readonly directory: Directory;
  /** Regions that no thread has; number 0 is this thread's. */
  private readonly free: number[];
  private readonly queue: ((region: number) => void)[] = [];

  constructor(options: ResidentArenaOptions = {}) {
    const threads = typeof SharedArrayBuffer === 'undefined' ? 0 : (options.threads ?? 0);
    const base = PAGE + (threads + 1) * REGION_BYTES;
    const wanted = options.bytes ?? residentBudget();
    const pages = Math.floor((Math.min(base + wanted, FOUR_GIB) - base) / PAGE);
    this.capacity = pages * PAGE;
    this.memory = new WebAssembly.Memory({
      initial: base / PAGE,
      maximum: base / PAGE + pages,
      shared: threads > 0,
    });
    this.directory = new Directory(
      new Arena(this.memory, base, base + this.capacity),
      this.capacity,
    );
    this.free = Array.from({ length: threads }, (_, i) => i + 1);
  }

  /** For the evaluator of this thread; there is one. */
  local(): Residency {
    const connection = this.directory.attach((reply) => session.receive(reply));
    const session = new ArenaSession(this.regionOf(0), this.capacity, connection.receive);
    return session;
  }

  /** The region of another thread, when one is free. Ends with `giveBack`. */
  takeRegion(): Promise<number> {
    const region = this.free.pop();
    if (region !== undefined) return Promise.resolve(region);
    return new Promise((resolve) => void this.queue.push(resolve));
  }

  /** Only when the thread cannot write any more: it has ended. */
  giveBack(region: number): void {
    const next = this.queue.shift();
    if (next === undefined) this.free.push(region);
    else next(region);
  }

  regionOf(region: number): Required<MemoryRegion> {
    const offset = PAGE + region * REGION_BYTES;
    return { memory: this.memory, offset, length: REGION_BYTES };
  }

  statistics(): ArenaStatistics {
    return {
      memoryBytes: this.memory.buffer.byteLength,
      capacity: this.capacity,
      ...this.directory.statistics(),
    };
  }
}
