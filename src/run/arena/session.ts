import { fromWire } from '../../errors/wire.ts';
import type { MemoryRegion } from '../../ring/simd/wasm-ring.ts';
import type { Lease, Residency, Want } from '../evaluate/residency.ts';
import type { DirectoryReply, DirectoryRequest, GrantedPart } from './protocol.ts';

type Turn = 'ready' | 'fill';

interface Pending {
  readonly granted: PromiseWithResolvers<readonly GrantedPart[]>;
  /** Of each part that another evaluator is filling. */
  readonly turns: Map<number, PromiseWithResolvers<Turn>>;
}

/**
 * An evaluator's side of the directory. What falls to it to fill it fills at once, and only then
 * waits for parts that others fill, so that two evaluators cannot wait for each other.
 */
export class ArenaSession implements Residency {
  readonly region: Required<MemoryRegion>;
  readonly capacity: number;
  private readonly post: (request: DirectoryRequest) => void;
  private readonly pending = new Map<number, Pending>();
  private last = 0;

  constructor(
    region: Required<MemoryRegion>,
    capacity: number,
    post: (request: DirectoryRequest) => void,
  ) {
    this.region = region;
    this.capacity = capacity;
    this.post = post;
  }

  async acquire(wants: readonly Want[]): Promise<Lease> {
    const lease = ++this.last;
    const pending: Pending = { granted: Promise.withResolvers(), turns: new Map() };
    this.pending.set(lease, pending);
    try {
      this.post({
        kind: 'acquire',
        lease,
        wants: wants.map(({ key, bytes }) => ({ key, bytes })),
      });
      const parts = await pending.granted.promise;
      parts.forEach(({ offset }, i) => this.reach(offset + wants[i]!.bytes));
      const bring = parts.map((part, i) => this.bring(lease, i, part, wants[i]!, pending));
      const failed = (await Promise.allSettled(bring)).find(({ status }) => status === 'rejected');
      if (failed !== undefined) {
        this.post({ kind: 'release', lease, scratchBytes: 0 });
        throw (failed as PromiseRejectedResult).reason;
      }
      return {
        parts: parts.map(({ offset, stamp }, i) => ({ offset, stamp, bytes: wants[i]!.bytes })),
        release: (scratchBytes) => this.post({ kind: 'release', lease, scratchBytes }),
      };
    } finally {
      this.pending.delete(lease);
    }
  }

  /** A reply of the directory, in the order it was sent. */
  receive(reply: DirectoryReply): void {
    const pending = this.pending.get(reply.lease);
    if (pending === undefined) return;
    switch (reply.kind) {
      case 'granted':
        // Before anything else can arrive.
        reply.parts.forEach(({ role }, i) => {
          if (role === 'wait') pending.turns.set(i, Promise.withResolvers());
        });
        pending.granted.resolve(reply.parts);
        return;
      case 'settled':
        pending.turns.get(reply.part)?.resolve(reply.role);
        return;
      case 'refused':
        pending.granted.reject(fromWire(reply.error));
        return;
      default:
        reply satisfies never;
    }
  }

  /**
   * Another thread has grown the memory to `end` before it granted it, but this thread's view of the
   * length follows at its next interrupt, which under load is later than the message that grants.
   * Growing by nothing brings it up to date (WebAssembly threads proposal, "memory.grow").
   */
  private reach(end: number): void {
    const { memory } = this.region;
    if (memory.buffer.byteLength < end) memory.grow(0);
  }

  private async bring(
    lease: number,
    part: number,
    { offset, role }: GrantedPart,
    want: Want,
    pending: Pending,
  ): Promise<void> {
    const turn = role === 'wait' ? await pending.turns.get(part)!.promise : role;
    if (turn === 'ready') return;
    try {
      const { memory } = this.region;
      await want.fill(() => new Uint8Array(memory.buffer, offset, want.bytes));
      this.post({ kind: 'filled', lease, part });
    } catch (error) {
      this.post({ kind: 'failed', lease, part });
      throw error;
    }
  }
}
