import { toHex } from '../../../bytes/hex.ts';
import { OpalineError } from '../../../errors/opaline-error.ts';
import type {
  CallOptions,
  FetchRequest,
  PartUpload,
  SearchRequest,
  StoredPart,
  StoreLink,
} from '../../link.ts';
import { decodeBlobs, encodeFetch, encodeSearch, LIMITS, PATHS } from '../../protocol.ts';
import { HttpCalls } from './calls.ts';
import { field, idsOf, partsOf, receivedOf } from './replies.ts';

/** A store on another machine. Every reply is taken for hostile: lengths and shapes are checked. */
export class HttpLink implements StoreLink {
  readonly address: string;
  private readonly calls: HttpCalls;

  constructor(address: string, token?: string) {
    this.calls = new HttpCalls(address, token);
    this.address = this.calls.address;
  }

  /** @throws STORE_UNREACHABLE unless an Opaline store answers */
  async connect(options: CallOptions = {}): Promise<void> {
    const health = await this.calls.json('GET', PATHS.health, options);
    if (field(health, 'service') !== 'opaline-store') this.calls.notAStore();
  }

  async tables(): Promise<readonly string[]> {
    return idsOf(await this.calls.json('GET', PATHS.tables, {}));
  }

  async head(table: string): Promise<Uint8Array | undefined> {
    const bytes = await this.calls.bytes('GET', PATHS.head(table), undefined, {});
    return bytes.length === 0 ? undefined : bytes;
  }

  async parts(table: string): Promise<readonly StoredPart[]> {
    return partsOf(await this.calls.json('GET', PATHS.parts(table), {}));
  }

  /** In pieces; one that was cut off goes on where the store says it stands. */
  async put(part: PartUpload, options: CallOptions = {}): Promise<void> {
    const { bytes, kind, digest, table, id } = part;
    const total = bytes.length;
    const path = (offset: number): string => {
      const query = new URLSearchParams({
        kind,
        digest: toHex(digest),
        total: String(total),
        offset: String(offset),
      });
      return `${PATHS.part(table, id)}?${query.toString()}`;
    };
    let offset = 0;
    let rewinds = 0;
    do {
      const piece = bytes.subarray(offset, offset + LIMITS.piece);
      try {
        const reply = await this.calls.bytes('PUT', path(offset), piece, options);
        const received = receivedOf(reply);
        if (received !== offset + piece.length) this.calls.notAStore();
        offset = received;
      } catch (error) {
        // A piece whose reply was lost is there already: the store says from where to go on.
        const expected = expectedOffset(error);
        if (expected === undefined || expected > total || ++rewinds > MOST_REWINDS) throw error;
        offset = expected;
        if (offset < total) continue;
        await this.calls.bytes('PUT', path(total), new Uint8Array(0), options);
      }
    } while (offset < total);
  }

  async publish(
    table: string,
    expectedEpoch: number,
    manifest: Uint8Array,
    options: CallOptions = {},
  ): Promise<void> {
    const path = `${PATHS.head(table)}?expected=${expectedEpoch}`;
    await this.calls.once('PUT', path, manifest, options);
  }

  async remove(table: string, parts: readonly string[], options: CallOptions = {}): Promise<void> {
    for (let from = 0; from < parts.length; from += IDS_A_CALL) {
      const ids = parts.slice(from, from + IDS_A_CALL);
      await this.calls.send('POST', PATHS.removals(table), { parts: ids }, options);
    }
  }

  async search(
    request: SearchRequest,
    options: CallOptions = {},
  ): Promise<readonly (Uint8Array | undefined)[]> {
    const body = encodeSearch(request);
    const blobs = decodeBlobs(await this.calls.bytes('POST', PATHS.search, body, options));
    if (blobs.length !== request.labels.length) this.calls.notAStore();
    return blobs;
  }

  aggregate(fragment: Uint8Array, options: CallOptions = {}): Promise<Uint8Array> {
    return this.calls.bytes('POST', PATHS.aggregate, fragment, options);
  }

  async fetch(request: FetchRequest, options: CallOptions = {}): Promise<readonly Uint8Array[]> {
    const body = encodeFetch(request);
    const blobs = decodeBlobs(await this.calls.bytes('POST', PATHS.fetch, body, options));
    const wanted = request.rows?.length ?? 1;
    if (blobs.length !== wanted) this.calls.notAStore();
    return blobs.map((blob) => blob ?? this.calls.notAStore());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

/** Ids in one request to remove: well below the service's limit. */
const IDS_A_CALL = 100_000;
/** A store that keeps sending an upload back is not going to finish it. */
const MOST_REWINDS = 16;

function expectedOffset(error: unknown): number | undefined {
  if (!(error instanceof OpalineError) || error.code !== 'UPLOAD_OFFSET') return undefined;
  const { expected } = error.details as { expected: unknown };
  return Number.isSafeInteger(expected) && Number(expected) >= 0 ? Number(expected) : undefined;
}
