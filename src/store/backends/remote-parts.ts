import { OpalineError } from '../../errors/opaline-error.ts';
import type { Backend, BackendDescriptor } from '../backend.ts';
import type { StoredPart, StoreLink } from '../link.ts';
import type { PartCache } from './part-cache.ts';

/** What is read of a store. */
export type PartsLink = Pick<
  StoreLink,
  'address' | 'tables' | 'head' | 'parts' | 'fetch' | typeof Symbol.asyncDispose
>;

/**
 * The parts of a store on another machine, for a worker that evaluates them here: read through a link,
 * kept in a cache. It cannot write.
 */
export class RemoteParts implements Backend {
  readonly address: string;
  readonly descriptor: BackendDescriptor | undefined;
  /** Of the cache, which is files. */
  readonly seekBytes = 4096;
  private readonly link: PartsLink;
  private readonly cache: PartCache;

  constructor(link: PartsLink, cache: PartCache, descriptor?: BackendDescriptor) {
    this.address = link.address;
    this.descriptor = descriptor;
    this.link = link;
    this.cache = cache;
  }

  tables(): Promise<readonly string[]> {
    return this.link.tables();
  }

  head(table: string): Promise<Uint8Array | undefined> {
    return this.link.head(table);
  }

  parts(table: string): Promise<readonly StoredPart[]> {
    return this.link.parts(table);
  }

  async has(table: string, part: string): Promise<boolean> {
    return (await this.link.parts(table)).some(({ id }) => id === part);
  }

  async read(table: string, part: string): Promise<Uint8Array> {
    return await this.cache.read(table, part, this.load(table, part));
  }

  async readRange(
    table: string,
    part: string,
    offset: number,
    length: number,
  ): Promise<Uint8Array> {
    const bytes = await this.cache.read(table, part, this.load(table, part), offset, length);
    if (bytes.length === length) return bytes;
    throw new OpalineError('PART_CORRUPT', { part, reason: 'it is truncated' });
  }

  async size(table: string, part: string): Promise<number> {
    const size = await this.cache.size(table, part, this.load(table, part));
    // Asked for once, before a part is read piece by piece.
    await this.cache.touch(table, part);
    return size;
  }

  publish(): Promise<void> {
    return Promise.reject(readOnly());
  }

  write(): Promise<void> {
    return Promise.reject(readOnly());
  }

  remove(): Promise<void> {
    return Promise.reject(readOnly());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.link[Symbol.asyncDispose]();
  }

  private load(table: string, part: string): () => Promise<Uint8Array> {
    return async () => (await this.link.fetch({ table, part }))[0]!;
  }
}

function readOnly(): OpalineError<'INTERNAL'> {
  return new OpalineError('INTERNAL', { reason: 'a worker does not write to the store' });
}
