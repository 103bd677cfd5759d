/** Bytes read at once: parts are larger, and go on into the memory that evaluators share. */
const ROOM_BYTES = 2 << 20;
/** While what one read brought is copied and hashed, the next may come. */
const ROOMS = 2;

/**
 * Where an evaluator's reads arrive. Never in the shared memory itself: a thread that is ended while the system
 * still reads for it would leave a write behind in what others have been given. And always in the same places:
 * arrays of their own would lie about until they are collected, as many as parts are brought in at once.
 */
export class ReadingRooms {
  private readonly free: Uint8Array[] = [];
  private readonly waiting: ((room: Uint8Array) => void)[] = [];
  private made = 0;

  /** Run with a room, when one is free. */
  async use<T>(run: (room: Uint8Array) => Promise<T>): Promise<T> {
    const room = await this.take();
    try {
      return await run(room);
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.free.push(room);
      else next(room);
    }
  }

  private take(): Uint8Array | Promise<Uint8Array> {
    const room = this.free.pop();
    if (room !== undefined) return room;
    if (this.made < ROOMS) {
      this.made++;
      return new Uint8Array(ROOM_BYTES);
    }
    return new Promise((resolve) => void this.waiting.push(resolve));
  }
}
