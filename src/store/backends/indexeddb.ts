import { OpalineError } from '../../errors/opaline-error.ts';
import type { Backend } from '../backend.ts';
import type { StoredPart } from '../link.ts';
import { BLOCK_BYTES, BlockCache } from './block-cache.ts';
import { changing, deleteDatabase, openDatabase, reading, resultOf } from './indexeddb-requests.ts';

const HEADS = 'heads';
const PARTS = 'parts';
/** Above every id in the order of keys: ids are texts of hex digits. */
const AFTER_IDS = 'g';
/** Parts whose Blob is remembered: it is a handle, and its bytes stay where they are. */
const KNOWN_BLOBS = 256;
/** Of small ranges of parts: to read one of a Blob is a conversation of processes, a millisecond long. */
const CACHED_BYTES = 32 << 20;

interface Head {
  readonly epoch: number;
  readonly manifest: Uint8Array;
}

/** The database of a store, by the store's name. */
export const storeDatabase = (name: string): string => `opaline/store/${name}`;

/**
 * A backend in a browser's IndexedDB, one database a store:
 *
 *     heads    table       → epoch and manifest; publishing is one transaction, so compare-and-set
 *     parts    table, id   → Blob, of which ranges are read without the rest
 *
 * Every write is one transaction of durability "strict". Pages and workers may have one open at once.
 */
export class IndexedDbBackend implements Backend {
  readonly address: string;
  /** Workers are given the name instead. */
  readonly descriptor = undefined;
  /** Of blocks that are at hand: what lies between ranges need not be copied. */
  readonly seekBytes = 4096;
  readonly name: string;
  private opening: Promise<IDBDatabase> | undefined;
  /** By table and part. A part never changes. */
  private readonly blobs = new Map<string, Blob>();
  private readonly blocks = new BlockCache(CACHED_BYTES);

  constructor(name: string) {
    this.name = name;
    this.address = `indexeddb:${name}`;
  }

  async tables(): Promise<readonly string[]> {
    const keys = await reading(await this.database(), HEADS, 'listing tables', (heads) =>
      resultOf(heads.getAllKeys()),
    );
    return keys.map(String);
  }

  async head(table: string): Promise<Uint8Array | undefined> {
    return (await this.headOf(table))?.manifest;
  }

  async publish(table: string, epoch: number, manifest: Uint8Array): Promise<void> {
    await changing(await this.database(), HEADS, 'publishing a manifest', async (heads) => {
      const before = (await resultOf(heads.get(table))) as Head | undefined;
      const found = before?.epoch ?? 0;
      if (found !== epoch - 1)
        throw new OpalineError('EPOCH_CONFLICT', { expected: epoch - 1, found });
      const head: Head = { epoch, manifest: manifest.slice() };
      heads.put(head, table);
    });
  }

  async has(table: string, part: string): Promise<boolean> {
    const count = await reading(await this.database(), PARTS, 'reading a part', (parts) =>
      resultOf(parts.count([table, part])),
    );
    return count > 0;
  }

  async read(table: string, part: string): Promise<Uint8Array> {
    return await this.bytes(table, part, (whole) => whole);
  }

  async readRange(
    table: string,
    part: string,
    offset: number,
    length: number,
  ): Promise<Uint8Array> {
    const slice = (from: number, to: number): Promise<Uint8Array> =>
      this.bytes(table, part, (whole) => whole.slice(from, to));
    const bytes =
      length < BLOCK_BYTES
        ? await this.blocks.read(keyOf(table, part), offset, length, (from) =>
            slice(from, from + BLOCK_BYTES),
          )
        : await slice(offset, offset + length);
    if (bytes.length < length) {
      throw new OpalineError('PART_CORRUPT', { part, reason: 'it is truncated' });
    }
    return bytes;
  }

  async size(table: string, part: string): Promise<number> {
    return (await this.find(table, part)).size;
  }

  async write(table: string, part: string, bytes: Uint8Array): Promise<void> {
    // A Blob is made of memory that no thread shares.
    const own = bytes.buffer instanceof ArrayBuffer ? bytes : bytes.slice();
    const blob = new Blob([own as Uint8Array<ArrayBuffer>]);
    this.forget(table, part);
    await changing(await this.database(), PARTS, 'storing a part', (parts) => {
      parts.put(blob, [table, part]);
    });
  }

  async parts(table: string): Promise<readonly StoredPart[]> {
    const range = IDBKeyRange.bound([table, ''], [table, AFTER_IDS]);
    return await reading(await this.database(), PARTS, 'listing parts', async (parts) => {
      const [keys, blobs] = await Promise.all([
        resultOf(parts.getAllKeys(range)),
        resultOf(parts.getAll(range)),
      ]);
      return keys.map((key, i) => ({
        id: (key as [string, string])[1],
        bytes: (blobs[i] as Blob).size,
      }));
    });
  }

  async remove(table: string, parts: readonly string[]): Promise<void> {
    for (const part of parts) this.forget(table, part);
    await changing(await this.database(), PARTS, 'removing a part', (stored) => {
      for (const part of parts) stored.delete([table, part]);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    (await this.opening)?.close();
    this.opening = undefined;
    this.blobs.clear();
    this.blocks.clear();
  }

  private forget(table: string, part: string): void {
    this.blobs.delete(keyOf(table, part));
    this.blocks.forget(keyOf(table, part));
  }

  private async headOf(table: string): Promise<Head | undefined> {
    return await reading(
      await this.database(),
      HEADS,
      'reading a manifest',
      async (heads) => (await resultOf(heads.get(table))) as Head | undefined,
    );
  }

  /** Bytes of a part; where another page removed it since it was looked up, it is looked up again. */
  private async bytes(
    table: string,
    part: string,
    choose: (whole: Blob) => Blob,
  ): Promise<Uint8Array> {
    const known = this.blobs.get(keyOf(table, part));
    if (known !== undefined) {
      const bytes = await bytesOf(choose(known)).catch(() => undefined);
      if (bytes !== undefined) return bytes;
      this.blobs.delete(keyOf(table, part));
    }
    return await bytesOf(choose(await this.find(table, part)));
  }

  /** @throws PART_MISSING */
  private async find(table: string, part: string): Promise<Blob> {
    const key = keyOf(table, part);
    const known = this.blobs.get(key);
    if (known !== undefined) return known;
    const found: unknown = await reading(
      await this.database(),
      PARTS,
      'reading a part',
      async (parts): Promise<unknown> => await resultOf(parts.get([table, part])),
    );
    if (!(found instanceof Blob)) throw new OpalineError('PART_MISSING', { part });
    if (this.blobs.size >= KNOWN_BLOBS) this.blobs.clear();
    this.blobs.set(key, found);
    return found;
  }

  private database(): Promise<IDBDatabase> {
    this.opening ??= openDatabase(storeDatabase(this.name), [HEADS, PARTS]).catch(
      (error: unknown) => {
        this.opening = undefined;
        throw error;
      },
    );
    return this.opening;
  }
}

/** Delete a store with all that is in it; there need not be one. @throws STORE_IO */
export async function deleteIndexedDbStore(name: string): Promise<void> {
  await deleteDatabase(storeDatabase(name));
}

const keyOf = (table: string, part: string): string => `${table}/${part}`;

async function bytesOf(blob: Blob): Promise<Uint8Array> {
  try {
    return new Uint8Array(await blob.arrayBuffer());
  } catch (error) {
    const reason = error instanceof DOMException ? error.name : 'unknown';
    throw new OpalineError('STORE_IO', { operation: 'reading a part', reason });
  }
}
