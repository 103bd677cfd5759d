import { toHex } from '../../../bytes/hex.ts';
import { isOpalineError } from '../../../errors/opaline-error.ts';
import type {
  CallOptions,
  FetchRequest,
  PartUpload,
  SearchRequest,
  StoredPart,
  StoreLink,
} from '../../link.ts';
import { decodeBlobs, encodeFetch, encodeSearch, LIMITS, OCTETS, PATHS } from '../../protocol.ts';
import { HttpCalls } from './calls.ts';
import { field, idsOf, partsOf, receivedOf } from './replies.ts';

/** A store on another machine. Every reply is taken for hostile: lengths and shapes are checked. */
export class HttpLink implements StoreLink {
  readonly address: string;
  private readonly calls: HttpCalls;

  /** `firstWaitMs` is the wait before a call is repeated; it doubles. */
  constructor(address: string, token?: string, firstWaitMs?: number) {
    this.calls = new HttpCalls(address, token, firstWaitMs);
    this.address = this.calls.address;
  }

  /** @throws STORE_UNREACHABLE unless an Opaline store answers */
  async connect(options: CallOptions = {}): Promise<void> {
    const call = { method: 'GET', path: PATHS.health, tries: CONNECT_TRIES } as const;
    const health = await this.calls.json(call, options);
    if (field(health, 'service') !== 'opaline-store') this.calls.notAStore();
  }

  async tables(): Promise<readonly string[]> {
    return idsOf(await this.calls.json({ method: 'GET', path: PATHS.tables }, {}));
  }

  async head(table: string): Promise<Uint8Array | undefined> {
    const limit = LIMITS.manifest;
    const call = { method: 'GET', path: PATHS.head(table), accept: OCTETS, limit } as const;
    const bytes = await this.calls.send(call, {});
    return bytes.length === 0 ? undefined : bytes;
  }

  async parts(table: string): Promise<readonly StoredPart[]> {
    return partsOf(await this.calls.json({ method: 'GET', path: PATHS.parts(table) }, {}));
  }

  /** In pieces; one that was cut off goes on where the store says it stands. */
  async put(part: PartUpload, options: CallOptions = {}): Promise<void> {
    const { bytes, kind, digest, table, id } = part;
    const total = bytes.length;
    const send = async (offset: number, body: Uint8Array): Promise<number> => {
      const query = new URLSearchParams({
        kind,
        digest: toHex(digest),
        total: String(total),
        offset: String(offset),
      });
      const path = `${PATHS.part(table, id)}?${query.toString()}`;
      const received = receivedOf(await this.calls.json({ method: 'PUT', path, body }, options));
      return received === offset + body.length ? received : this.calls.notAStore();
    };
    let offset = 0;
    let rewinds = 0;
    let restarts = 0;
    let done = false;
    while (!done) {
      try {
        offset = await send(offset, bytes.subarray(offset, offset + LIMITS.piece));
        done = offset === total;
      } catch (error) {
        if (++rewinds > MOST_REWINDS) throw error;
        // What the store had received and lost in a crash starts over, once.
        const lost = isOpalineError(error, 'PART_CORRUPT') && offset > 0 && restarts++ === 0;
        offset = lost ? 0 : goOnFrom(error, total);
      }
    }
  }

  async publish(
    table: string,
    expectedEpoch: number,
    manifest: Uint8Array,
    options: CallOptions = {},
  ): Promise<void> {
    const path = `${PATHS.head(table)}?expected=${expectedEpoch}`;
    const limit = LIMITS.refusal;
    await this.calls.once({ method: 'PUT', path, body: manifest, accept: OCTETS, limit }, options);
  }

  async remove(table: string, parts: readonly string[], options: CallOptions = {}): Promise<void> {
    for (let from = 0; from < parts.length; from += IDS_A_CALL) {
      const ids = parts.slice(from, from + IDS_A_CALL);
      const body = new TextEncoder().encode(JSON.stringify({ parts: ids }));
      const [path, limit] = [PATHS.removals(table), LIMITS.refusal];
      await this.calls.send(
        { method: 'POST', path, body, type: 'application/json', accept: OCTETS, limit },
        options,
      );
    }
  }

  async search(
    request: SearchRequest,
    options: CallOptions = {},
  ): Promise<readonly (Uint8Array | undefined)[]> {
    const body = encodeSearch(request);
    const blobs = decodeBlobs(await this.calls.post(PATHS.search, body, options));
    if (blobs.length !== request.labels.length) this.calls.notAStore();
    return blobs;
  }

  async aggregate(fragment: Uint8Array, options: CallOptions = {}): Promise<Uint8Array> {
    const [path, limit] = [PATHS.aggregate, LIMITS.reply];
    const call = {
      method: 'POST',
      path,
      body: fragment,
      accept: OCTETS,
      limit,
      long: true,
    } as const;
    return await this.calls.send(call, options);
  }

  async fetch(request: FetchRequest, options: CallOptions = {}): Promise<readonly Uint8Array[]> {
    const body = encodeFetch(request);
    const blobs = decodeBlobs(await this.calls.post(PATHS.fetch, body, options));
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
/** Enough for a store that is just being started; a wrong address should show soon. */
const CONNECT_TRIES = 4;
/** A store that keeps sending an upload back is not going to finish it. */
const MOST_REWINDS = 16;

/**
 * Where an upload goes on after a refusal: a piece whose reply was lost is there already, and the store
 * says from where to go on.
 * @throws the refusal when it is another
 */
function goOnFrom(error: unknown, total: number): number {
  if (!isOpalineError(error, 'UPLOAD_OFFSET')) throw error;
  const { expected } = error.details as { expected: unknown };
  if (Number.isSafeInteger(expected) && Number(expected) >= 0 && Number(expected) <= total) {
    return Number(expected);
  }
  throw error;
}
