import { encodeRowsReply } from '../plan/fragment-codec.ts';
import type {
  CallOptions,
  FetchRequest,
  PartUpload,
  SearchRequest,
  StoredPart,
  StoreLink,
} from '../store/link.ts';

/**
 * A link for EXPLAIN: it sends no fragment, as if no row were found. What is fetched to make one, sealed
 * metadata and edge blocks, is fetched.
 */
export class PreviewLink implements StoreLink {
  private readonly inner: StoreLink;

  constructor(inner: StoreLink) {
    this.inner = inner;
  }

  get address(): string {
    return this.inner.address;
  }

  tables(): Promise<readonly string[]> {
    return this.inner.tables();
  }

  head(table: string): Promise<Uint8Array | undefined> {
    return this.inner.head(table);
  }

  put(part: PartUpload, options?: CallOptions): Promise<void> {
    return this.inner.put(part, options);
  }

  publish(
    table: string,
    expectedEpoch: number,
    manifest: Uint8Array,
    options?: CallOptions,
  ): Promise<void> {
    return this.inner.publish(table, expectedEpoch, manifest, options);
  }

  parts(table: string): Promise<readonly StoredPart[]> {
    return this.inner.parts(table);
  }

  remove(table: string, parts: readonly string[], options?: CallOptions): Promise<void> {
    return this.inner.remove(table, parts, options);
  }

  search(
    request: SearchRequest,
    options?: CallOptions,
  ): Promise<readonly (Uint8Array | undefined)[]> {
    return this.inner.search(request, options);
  }

  aggregate(): Promise<Uint8Array> {
    return Promise.resolve(encodeRowsReply({ segments: [] }));
  }

  fetch(request: FetchRequest, options?: CallOptions): Promise<readonly Uint8Array[]> {
    return this.inner.fetch(request, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The link beneath is another's.
  }
}
