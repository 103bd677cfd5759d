import { OpalineError } from '../../errors/opaline-error.ts';
import { toWire } from '../../errors/wire.ts';
import type { Arena } from '../../ring/simd/arena.ts';
import type { DirectoryReply, DirectoryRequest, GrantedPart } from './protocol.ts';

export interface DirectoryStatistics {
  /** Bytes of what is resident, in use or not. */
  readonly residentBytes: number;
  readonly extents: number;
  /** Extents that a lease holds, counted once a lease. */
  readonly pins: number;
  /** Leases that wait for room. */
  readonly waiting: number;
  readonly fills: number;
  readonly evictions: number;
  /** Bytes that evaluators still held in their regions when they last released a lease. */
  readonly scratchBytes: number;
}

export interface DirectoryConnection {
  receive(request: DirectoryRequest): void;
  /** Give back whatever the evaluator held, half-filled or not. It must not touch the memory any more. */
  close(): void;
}

/**
 * Knows which part of a store lies at which offset of the shared memory. One per process, in the
 * thread that owns the memory; evaluators talk to it in messages, so that it needs no lock.
 *
 * An extent is one part, in one piece: kernels stream runs of chunks, and an index is searched as
 * one array. Room is made by dropping the least recently used extents that no lease holds. Pieces
 * of different sizes leave holes, which matter only while leases pin what lies between them: a lease
 * is granted whole or waits, in order of arrival, and once no other is held everything else may go,
 * so that whatever is no larger than the memory fits in the end.
 */
export class Directory {
  private readonly arena: Arena;
  private readonly capacity: number;
  /** Least recently used first: a Map iterates in order of insertion. */
  private readonly extents = new Map<string, Extent>();
  private readonly clients = new Set<Client>();
  private readonly queue: HeldLease[] = [];
  private pins = 0;
  private stamps = 0;
  private fills = 0;
  private evictions = 0;

  /** @param capacity bytes that `arena` can hold when empty */
  constructor(arena: Arena, capacity: number) {
    this.arena = arena;
    this.capacity = capacity;
  }

  attach(send: (reply: DirectoryReply) => void): DirectoryConnection {
    const client: Client = { send, leases: new Map(), scratchBytes: 0 };
    this.clients.add(client);
    return {
      receive: (request) => this.receive(client, request),
      close: () => {
        this.clients.delete(client);
        for (const lease of client.leases.values()) this.drop(lease);
        this.pump();
      },
    };
  }

  /** Whether all of these are in memory, as nobody but this thread can say of now. */
  holds(keys: readonly string[]): boolean {
    return keys.every((key) => this.extents.get(key)?.filled === true);
  }

  statistics(): DirectoryStatistics {
    let scratchBytes = 0;
    for (const client of this.clients) scratchBytes += client.scratchBytes;
    return {
      residentBytes: this.arena.liveBytes,
      extents: this.extents.size,
      pins: this.pins,
      waiting: this.queue.length,
      fills: this.fills,
      evictions: this.evictions,
      scratchBytes,
    };
  }

  private receive(client: Client, request: DirectoryRequest): void {
    if (request.kind === 'acquire') {
      const lease: HeldLease = { client, number: request.lease, wants: request.wants, extents: [] };
      client.leases.set(lease.number, lease);
      const size = lease.wants.reduce((sum, { bytes }) => sum + Math.ceil(bytes / 64) * 64, 0);
      if (size > this.capacity) this.refuse(lease, size);
      else this.queue.push(lease);
      this.pump();
      return;
    }
    const lease = client.leases.get(request.lease);
    if (lease === undefined) return;
    switch (request.kind) {
      case 'filled':
      case 'failed': {
        const extent = lease.extents[request.part];
        if (extent?.filler?.lease !== lease) return;
        if (request.kind === 'filled') this.settle(extent);
        else this.passOn(extent);
        return;
      }
      case 'release':
        client.scratchBytes = request.scratchBytes;
        this.drop(lease);
        this.pump();
        return;
      default:
        request satisfies never;
    }
  }

  /** Grant what can be granted, in order of arrival so that no lease waits for ever. */
  private pump(): void {
    while (this.queue[0] !== undefined && this.grant(this.queue[0])) this.queue.shift();
  }

  /** Whether the lease is dealt with. */
  private grant(lease: HeldLease): boolean {
    let extents = this.take(lease.wants);
    if (extents === undefined) {
      if (this.pins > 0) return false;
      // What stays in the way is this lease's own, between holes that are too small.
      while (this.evict());
      extents = this.take(lease.wants);
      if (extents === undefined) {
        this.refuse(lease, this.arena.liveBytes);
        return true;
      }
    }
    lease.extents = extents;
    const parts = extents.map((extent, part) => this.roleIn(extent, { lease, part }));
    lease.client.send({ kind: 'granted', lease: lease.number, parts });
    return true;
  }

  private roleIn(extent: Extent, here: LeasePart): GrantedPart {
    const { offset, stamp } = extent;
    if (extent.filled) return { offset, stamp, role: 'ready' };
    if (extent.filler !== undefined) {
      extent.waiting.push(here);
      return { offset, stamp, role: 'wait' };
    }
    extent.filler = here;
    return { offset, stamp, role: 'fill' };
  }

  /** Extents for all of `wants`, pinned; or none of them. */
  private take(wants: HeldLease['wants']): Extent[] | undefined {
    // First those that are there, so that making room for the others does not drop them.
    const taken = wants.map(({ key }) => {
      const known = this.extents.get(key);
      if (known !== undefined) {
        this.extents.delete(key);
        this.extents.set(key, known);
        this.pin(known);
      }
      return known;
    });
    for (const [i, { key, bytes }] of wants.entries()) {
      if (taken[i] !== undefined) continue;
      const offset = this.makeRoom(bytes);
      if (offset === undefined) {
        for (const extent of taken) if (extent !== undefined) this.unpin(extent);
        return undefined;
      }
      const extent: Extent = {
        key,
        offset,
        stamp: ++this.stamps,
        pins: 0,
        filled: false,
        filler: undefined,
        waiting: [],
      };
      this.extents.set(key, extent);
      this.pin(extent);
      taken[i] = extent;
    }
    return taken as Extent[];
  }

  private makeRoom(bytes: number): number | undefined {
    for (;;) {
      const offset = this.arena.reserve(bytes);
      if (offset !== undefined || !this.evict()) return offset;
    }
  }

  /** Drop the least recently used extent that nobody holds; false when there is none. */
  private evict(): boolean {
    for (const extent of this.extents.values()) {
      if (extent.pins > 0) continue;
      this.extents.delete(extent.key);
      this.arena.release(extent.offset);
      this.evictions++;
      return true;
    }
    return false;
  }

  private pin(extent: Extent): void {
    extent.pins++;
    this.pins++;
  }

  /** An extent that was never filled, or whose filling failed, goes with its last holder. */
  private unpin(extent: Extent): void {
    extent.pins--;
    this.pins--;
    if (extent.pins > 0 || extent.filled) return;
    if (this.extents.get(extent.key) === extent) this.extents.delete(extent.key);
    this.arena.release(extent.offset);
  }

  private settle(extent: Extent): void {
    this.fills++;
    extent.filled = true;
    extent.filler = undefined;
    for (const { lease, part } of extent.waiting) {
      lease.client.send({ kind: 'settled', lease: lease.number, part, role: 'ready' });
    }
    extent.waiting = [];
  }

  /** The next that waits tries in its turn, and gets an error of its own if that fails too. */
  private passOn(extent: Extent): void {
    extent.filler = extent.waiting.shift();
    if (extent.filler === undefined) return;
    const { lease, part } = extent.filler;
    lease.client.send({ kind: 'settled', lease: lease.number, part, role: 'fill' });
  }

  private drop(lease: HeldLease): void {
    lease.client.leases.delete(lease.number);
    const queued = this.queue.indexOf(lease);
    if (queued >= 0) this.queue.splice(queued, 1);
    for (const extent of lease.extents) {
      extent.waiting = extent.waiting.filter((waiting) => waiting.lease !== lease);
      if (extent.filler?.lease === lease) this.passOn(extent);
      this.unpin(extent);
    }
  }

  private refuse(lease: HeldLease, size: number): void {
    lease.client.leases.delete(lease.number);
    const error = new OpalineError('REQUEST_TOO_LARGE', {
      what: 'the memory for ciphertexts',
      size,
      limit: this.capacity,
    });
    lease.client.send({ kind: 'refused', lease: lease.number, error: toWire(error) });
  }
}

interface Extent {
  readonly key: string;
  readonly offset: number;
  readonly stamp: number;
  /** Leases that hold it. */
  pins: number;
  filled: boolean;
  /** Who is filling it; nobody where the last who tried failed. */
  filler: LeasePart | undefined;
  waiting: LeasePart[];
}

interface LeasePart {
  readonly lease: HeldLease;
  readonly part: number;
}

interface HeldLease {
  readonly client: Client;
  readonly number: number;
  readonly wants: readonly { readonly key: string; readonly bytes: number }[];
  /** Empty while it waits for room. */
  extents: readonly Extent[];
}

interface Client {
  readonly send: (reply: DirectoryReply) => void;
  readonly leases: Map<number, HeldLease>;
  scratchBytes: number;
}
