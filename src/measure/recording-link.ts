import type {
  CallOptions,
  FetchRequest,
  PartUpload,
  SearchRequest,
  StoredPart,
  StoreLink,
} from '../store/link.ts';

/** A call of a query, as the store takes part in it. */
export type RecordedCall =
  | { readonly kind: 'aggregate'; readonly fragment: Uint8Array; readonly replyBytes: number }
  | {
      readonly kind: 'search';
      readonly request: SearchRequest;
      /** Bytes of each reply; 0 where there is none. */
      readonly replyBytes: readonly number[];
    }
  | { readonly kind: 'fetch'; readonly request: FetchRequest; readonly replyBytes: number };

/** Passes every call on, and keeps what a store sees of queries, in order. */
export class RecordingLink implements StoreLink {
  readonly address: string;
  private readonly inner: StoreLink;
  private calls: RecordedCall[] = [];

  constructor(inner: StoreLink) {
    this.inner = inner;
    this.address = inner.address;
  }

  /** What was recorded since the last time it was taken. */
  take(): readonly RecordedCall[] {
    const { calls } = this;
    this.calls = [];
    return calls;
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

  async search(
    request: SearchRequest,
    options?: CallOptions,
  ): Promise<readonly (Uint8Array | undefined)[]> {
    const replies = await this.inner.search(request, options);
    const labels = request.labels.map((label) => label.slice());
    this.calls.push({
      kind: 'search',
      request: { ...request, labels },
      replyBytes: replies.map((reply) => reply?.length ?? 0),
    });
    return replies;
  }

  async aggregate(fragment: Uint8Array, options?: CallOptions): Promise<Uint8Array> {
    const sent = fragment.slice();
    const reply = await this.inner.aggregate(fragment, options);
    this.calls.push({ kind: 'aggregate', fragment: sent, replyBytes: reply.length });
    return reply;
  }

  async fetch(request: FetchRequest, options?: CallOptions): Promise<readonly Uint8Array[]> {
    const replies = await this.inner.fetch(request, options);
    const replyBytes = replies.reduce((sum, { length }) => sum + length, 0);
    this.calls.push({ kind: 'fetch', request, replyBytes });
    return replies;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.inner[Symbol.asyncDispose]() as Promise<void>;
  }
}
