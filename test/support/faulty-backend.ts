import { OpalineError } from '../../src/errors/opaline-error.ts';
import type { Backend } from '../../src/store/backend.ts';
import { MemoryBackend } from '../../src/store/backends/memory.ts';
import type { StoredPart } from '../../src/store/link.ts';
import { parseManifest, partsOf } from '../../src/table/manifest.ts';

/** A fault of one call, the `at`-th of its kind since it was planned, counted from 1. */
export interface Fault {
  readonly on: 'mutation' | 'read';
  readonly at: number;
  /** Whether the call did its work before it failed. Of a read it makes no difference. */
  readonly effect: 'lost' | 'kept';
  /** Every call after it fails too, without effect: the store is gone. */
  readonly lasting?: boolean;
  readonly error: () => OpalineError;
}

export type Calls = Record<Fault['on'], number>;

/**
 * A backend in memory that fails when told to and judges its callers: whoever publishes a manifest
 * must have stored its parts before, epochs ascend by one, a part is written once, and none that the
 * head names is removed. What it saw against that is in `violations`, because a caller's cleaning up
 * may swallow errors.
 */
export class FaultyBackend implements Backend {
  readonly address = 'memory:';
  readonly descriptor = undefined;
  readonly seekBytes = 0;
  readonly violations: string[] = [];
  /** Calls since the last `plan`. */
  readonly calls: Calls = { mutation: 0, read: 0 };
  /** Every table that a part was written for, published or not. */
  readonly known: Set<string> = new Set();
  private readonly inner: MemoryBackend;
  private readonly writing = new Set<string>();
  private fault: Fault | undefined;
  private gone = false;

  constructor(inner: MemoryBackend = new MemoryBackend()) {
    this.inner = inner;
  }

  /** Forget the calls so far, and fail as told from now on; undefined: work. */
  plan(fault: Fault | undefined): void {
    this.calls.mutation = 0;
    this.calls.read = 0;
    this.fault = fault;
    this.gone = false;
  }

  /** Another backend with the same content, that works. */
  async copy(): Promise<FaultyBackend> {
    const inner = new MemoryBackend();
    const copied = new FaultyBackend(inner);
    for (const table of this.known) {
      copied.known.add(table);
      for (const { id } of await this.inner.parts(table)) {
        await inner.write(table, id, await this.inner.read(table, id));
      }
      const head = await this.inner.head(table);
      if (head === undefined) continue;
      const { epoch } = parseManifest(head);
      for (let earlier = 1; earlier <= epoch; earlier++) await inner.publish(table, earlier, head);
    }
    return copied;
  }

  /** The parts that are stored and that no head names. */
  async orphans(): Promise<string[]> {
    const found: string[] = [];
    for (const table of this.known) {
      const named = await this.named(table);
      const parts = await this.inner.parts(table);
      found.push(...parts.map(({ id }) => id).filter((id) => !named.has(id)));
    }
    return found;
  }

  tables(): Promise<readonly string[]> {
    return this.reading(() => this.inner.tables());
  }

  head(table: string): Promise<Uint8Array | undefined> {
    return this.reading(() => this.inner.head(table));
  }

  has(table: string, part: string): Promise<boolean> {
    return this.reading(() => this.inner.has(table, part));
  }

  read(table: string, part: string): Promise<Uint8Array> {
    return this.reading(() => this.inner.read(table, part));
  }

  readRange(...range: Parameters<MemoryBackend['readRange']>): Promise<Uint8Array> {
    return this.reading(() => this.inner.readRange(...range));
  }

  size(table: string, part: string): Promise<number> {
    return this.reading(() => this.inner.size(table, part));
  }

  parts(table: string): Promise<readonly StoredPart[]> {
    return this.reading(() => this.inner.parts(table));
  }

  async write(table: string, part: string, bytes: Uint8Array): Promise<void> {
    await this.mutating(async () => {
      if (await this.inner.has(table, part)) this.violations.push(`part ${part} is written twice`);
      this.writing.add(part);
      this.known.add(table);
      // Stored a while after the call: who does not wait for the promise is caught by `publish`.
      await new Promise((resolve) => setTimeout(resolve));
      await this.inner.write(table, part, bytes);
      this.writing.delete(part);
    });
  }

  async publish(table: string, epoch: number, manifest: Uint8Array): Promise<void> {
    await this.mutating(async () => {
      const parsed = parseManifest(manifest);
      const before = await this.inner.head(table);
      const found = before === undefined ? 0 : parseManifest(before).epoch;
      if (epoch !== found + 1 || parsed.epoch !== epoch || parsed.table !== table) {
        this.violations.push(`epoch ${parsed.epoch} is published as ${epoch} after ${found}`);
      }
      for (const { id } of partsOf(parsed)) {
        if (this.writing.has(id) || !(await this.inner.has(table, id))) {
          this.violations.push(`epoch ${epoch} names part ${id} before it is stored`);
        }
      }
      await this.inner.publish(table, epoch, manifest);
    });
  }

  async remove(table: string, parts: readonly string[]): Promise<void> {
    await this.mutating(async () => {
      const named = await this.named(table);
      for (const part of parts) {
        if (named.has(part)) this.violations.push(`part ${part} is removed, and the head names it`);
      }
      await this.inner.remove(table, parts);
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  private async named(table: string): Promise<Set<string>> {
    const head = await this.inner.head(table);
    return new Set(head && [...partsOf(parseManifest(head))].map(({ id }) => id));
  }

  private async reading<T>(run: () => Promise<T>): Promise<T> {
    if (this.fails('read') !== undefined) throw this.failure();
    return await run();
  }

  private async mutating(run: () => Promise<void>): Promise<void> {
    const effect = this.fails('mutation');
    if (effect === 'kept') await run();
    if (effect !== undefined) throw this.failure();
    await run();
  }

  private fails(kind: 'mutation' | 'read'): Fault['effect'] | undefined {
    if (this.gone) return 'lost';
    const { fault } = this;
    if (++this.calls[kind] !== fault?.at || fault.on !== kind) return undefined;
    this.gone = fault.lasting === true;
    return fault.effect;
  }

  private failure(): OpalineError {
    return this.fault!.error();
  }
}
