import { OpalineError } from '../../errors/opaline-error.ts';
import type { Backend } from '../backend.ts';
import type { StoredPart } from '../link.ts';

/** A backend in this process' memory: for tests, and for tables that need not outlive it. */
export class MemoryBackend implements Backend {
  readonly address = 'memory:';
  readonly descriptor = undefined;
  readonly seekBytes: number = 0;
  private readonly heads = new Map<string, { epoch: number; manifest: Uint8Array }>();
  private readonly stored = new Map<string, Uint8Array>();

  tables(): Promise<readonly string[]> {
    return Promise.resolve([...this.heads.keys()]);
  }

  head(table: string): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.heads.get(table)?.manifest);
  }

  async publish(table: string, epoch: number, manifest: Uint8Array): Promise<void> {
    const found = this.heads.get(table)?.epoch ?? 0;
    if (found !== epoch - 1)
      throw new OpalineError('EPOCH_CONFLICT', { expected: epoch - 1, found });
    this.heads.set(table, { epoch, manifest: manifest.slice() });
  }

  has(table: string, part: string): Promise<boolean> {
    return Promise.resolve(this.stored.has(`${table}/${part}`));
  }

  async read(table: string, part: string): Promise<Uint8Array> {
    return this.find(table, part);
  }

  async readRange(
    table: string,
    part: string,
    offset: number,
    length: number,
  ): Promise<Uint8Array> {
    const bytes = this.find(table, part);
    if (offset + length > bytes.length) {
      throw new OpalineError('PART_CORRUPT', { part, reason: 'it is truncated' });
    }
    return bytes.slice(offset, offset + length);
  }

  async size(table: string, part: string): Promise<number> {
    return this.find(table, part).length;
  }

  async write(table: string, part: string, bytes: Uint8Array): Promise<void> {
    this.stored.set(`${table}/${part}`, bytes.slice());
  }

  parts(table: string): Promise<readonly StoredPart[]> {
    const prefix = `${table}/`;
    return Promise.resolve(
      [...this.stored]
        .filter(([key]) => key.startsWith(prefix))
        .map(([key, bytes]) => ({ id: key.slice(prefix.length), bytes: bytes.length })),
    );
  }

  async remove(table: string, parts: readonly string[]): Promise<void> {
    for (const part of parts) this.stored.delete(`${table}/${part}`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  private find(table: string, part: string): Uint8Array {
    const bytes = this.stored.get(`${table}/${part}`);
    if (bytes === undefined) throw new OpalineError('PART_MISSING', { part });
    return bytes;
  }
}
