import { OpalineError } from '../../errors/index.ts';
import { shapeError } from '../shapes.ts';

const PAGE = 65_536;
const ALIGN = 64;
/** Grow by at least this much, or an eighth, so that many small requests do not grow each. */
const LEAST_GROWTH = 1 << 20;

interface Block {
  offset: number;
  size: number;
}

const alignUp = (value: number, to: number): number => Math.ceil(value / to) * to;

/** Bytes that an allocation takes of the memory. */
const sizeOf = (bytes: number): number => Math.max(alignUp(bytes, ALIGN), ALIGN);

/**
 * A first-fit allocator over a WebAssembly memory: 64-byte alignment, free blocks kept in address
 * order and merged when they touch. Offsets are bytes and stay valid while the memory grows.
 */
export class Arena {
  readonly memory: WebAssembly.Memory;
  readonly #limit: number;
  readonly #free: Block[] = [];
  readonly #live = new Map<number, number>();
  #end: number;
  #liveBytes = 0;

  /**
   * @param base first byte that may be handed out
   * @param limit bytes the memory may reach
   * @param end where what may be handed out ends now: the memory's end, or with an equal limit the
   *   end of a region that does not grow
   */
  constructor(
    memory: WebAssembly.Memory,
    base: number,
    limit: number,
    end: number = memory.buffer.byteLength,
  ) {
    this.memory = memory;
    this.#limit = limit;
    this.#end = end;
    const offset = alignUp(base, ALIGN);
    if (this.#end > offset) this.#free.push({ offset, size: this.#end - offset });
  }

  get liveBytes(): number {
    return this.#liveBytes;
  }

  /** Zeroed bytes. @throws REQUEST_TOO_LARGE when the memory may not or cannot grow to hold them */
  allocate(bytes: number): number {
    const size = sizeOf(bytes);
    const offset = this.#take(size) ?? this.#afterGrowth(size);
    new Uint8Array(this.memory.buffer, offset, size).fill(0);
    return offset;
  }

  /** Bytes as they are, for a caller that writes all of them; undefined where there is no room. */
  reserve(bytes: number): number | undefined {
    const size = sizeOf(bytes);
    const offset = this.#take(size);
    if (offset !== undefined) return offset;
    try {
      return this.#afterGrowth(size);
    } catch (error) {
      if (error instanceof OpalineError && error.code === 'REQUEST_TOO_LARGE') return undefined;
      throw error;
    }
  }

  #afterGrowth(size: number): number {
    this.#grow(size);
    const offset = this.#take(size);
    if (offset === undefined) throw shapeError('arena', 'no block after growth');
    return offset;
  }

  /** The first free block that is large enough, or the front of it. */
  #take(size: number): number | undefined {
    const index = this.#free.findIndex((block) => block.size >= size);
    const block = this.#free[index];
    if (block === undefined) return undefined;
    const { offset } = block;
    if (block.size === size) {
      this.#free.splice(index, 1);
    } else {
      block.offset += size;
      block.size -= size;
    }
    this.#live.set(offset, size);
    this.#liveBytes += size;
    return offset;
  }

  /** @throws INTERNAL unless `offset` is a live allocation */
  release(offset: number): void {
    const size = this.#live.get(offset);
    if (size === undefined) throw shapeError('arena', 'released what is not allocated');
    this.#live.delete(offset);
    this.#liveBytes -= size;
    this.#insert({ offset, size });
  }

  #insert(block: Block): void {
    const at = this.#position(block.offset);
    const before = this.#free[at - 1];
    const after = this.#free[at];
    const joinsAfter = after !== undefined && block.offset + block.size === after.offset;
    if (before !== undefined && before.offset + before.size === block.offset) {
      before.size += block.size + (joinsAfter ? after.size : 0);
      if (joinsAfter) this.#free.splice(at, 1);
    } else if (joinsAfter) {
      after.offset = block.offset;
      after.size += block.size;
    } else {
      this.#free.splice(at, 0, block);
    }
  }

  /** Index of the first free block past `offset`. */
  #position(offset: number): number {
    let low = 0;
    let high = this.#free.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#free[middle]?.offset ?? Infinity) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Extend the memory so that its last free block holds `size` bytes. */
  #grow(size: number): void {
    const tail = this.#free.at(-1);
    const spare = tail !== undefined && tail.offset + tail.size === this.#end ? tail.size : 0;
    const need = alignUp(size - spare, PAGE);
    const room = this.#limit - this.#end;
    if (need > room) {
      throw new OpalineError('REQUEST_TOO_LARGE', {
        what: 'the memory for ciphertexts',
        size: this.#end + need,
        limit: this.#limit,
      });
    }
    const wish = alignUp(Math.max(need, LEAST_GROWTH, this.#end / 8), PAGE);
    const granted = this.#tryGrow(Math.min(wish, room)) ?? this.#tryGrow(need);
    if (granted === undefined) {
      throw new OpalineError('REQUEST_TOO_LARGE', {
        what: 'the memory for ciphertexts',
        size: this.#end + need,
        limit: this.#end,
      });
    }
    const offset = this.#end;
    this.#end += granted;
    this.#insert({ offset, size: granted });
  }

  #tryGrow(bytes: number): number | undefined {
    try {
      this.memory.grow(bytes / PAGE);
      return bytes;
    } catch {
      return undefined;
    }
  }
}
