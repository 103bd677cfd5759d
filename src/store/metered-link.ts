import type {
  CallOptions,
  FetchRequest,
  PartUpload,
  SearchRequest,
  StoredPart,
  StoreLink,
} from './link.ts';

/** What crossed a link, in bytes of payload. */
export interface Traffic {
  readonly calls: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
}

/** Counts what crosses another link. */
export class MeteredLink implements StoreLink {
  readonly address: string;
  private readonly inner: StoreLink;
  private calls = 0;
  private up = 0;
  private down = 0;

  constructor(inner: StoreLink) {
    this.inner = inner;
    this.address = inner.address;
  }

  get traffic(): Traffic {
    return { calls: this.calls, bytesUp: this.up, bytesDown: this.down };
  }

  async tables(): Promise<readonly string[]> {
    return this.count(0, await this.inner.tables(), (ids) => ids.length * 16);
  }

  async head(table: string): Promise<Uint8Array | undefined> {
    return this.count(16, await this.inner.head(table), sizeOf);
  }

  async put(part: PartUpload, options?: CallOptions): Promise<void> {
    await this.inner.put(part, options);
    this.count(part.bytes.length, undefined, () => 0);
  }

  async publish(
    table: string,
    expectedEpoch: number,
    manifest: Uint8Array,
    options?: CallOptions,
  ): Promise<void> {
    await this.inner.publish(table, expectedEpoch, manifest, options);
    this.count(manifest.length, undefined, () => 0);
  }

  async parts(table: string): Promise<readonly StoredPart[]> {
    return this.count(16, await this.inner.parts(table), (parts) => parts.length * 24);
  }

  async remove(table: string, parts: readonly string[], options?: CallOptions): Promise<void> {
    await this.inner.remove(table, parts, options);
    this.count(parts.length * 16, undefined, () => 0);
  }

  async search(
    request: SearchRequest,
    options?: CallOptions,
  ): Promise<readonly (Uint8Array | undefined)[]> {
    const up = request.labels.reduce((sum, label) => sum + label.length, 32);
    return this.count(up, await this.inner.search(request, options), sizeOfAll);
  }

  async aggregate(fragment: Uint8Array, options?: CallOptions): Promise<Uint8Array> {
    return this.count(fragment.length, await this.inner.aggregate(fragment, options), sizeOf);
  }

  async fetch(request: FetchRequest, options?: CallOptions): Promise<readonly Uint8Array[]> {
    const up = 32 + (request.rows?.byteLength ?? 0);
    return this.count(up, await this.inner.fetch(request, options), sizeOfAll);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.inner[Symbol.asyncDispose]() as Promise<void>;
  }

  private count<T>(up: number, result: T, down: (result: T) => number): T {
    this.calls++;
    this.up += up;
    this.down += down(result);
    return result;
  }
}

const sizeOf = (bytes: Uint8Array | undefined): number => bytes?.length ?? 0;
const sizeOfAll = (all: readonly (Uint8Array | undefined)[]): number =>
  all.reduce((sum, bytes) => sum + sizeOf(bytes), 0);
