import { Reader, Writer } from '../bytes/codec.ts';
import { frame, unframe } from '../bytes/framing.ts';
import { fromHex, toHex } from '../bytes/hex.ts';
import type { ErrorCode } from '../errors/codes.ts';
import type { FetchRequest, PartKind, SearchRequest } from './link.ts';

/** What service/ and store/backends/http agree on: paths, bodies, limits and statuses. */
export const OCTETS = 'application/octet-stream';

/**
 * A reply that begins before its answer is there, for clients that accept it: records of a byte that
 * says what it is, the payload's length (u32, little-endian) and the payload.
 */
export const LONG_REPLY_TYPE = 'application/vnd.opaline.long-reply';
export const LONG_REPLY_HEAD = 5;
export const LONG_REPLY = {
  /** Segments done, and in all: two u32. */
  progress: 0,
  /** The answer. */
  reply: 1,
  /** An error in wire form, JSON. */
  refusal: 2,
} as const;

export const PART_KINDS: readonly PartKind[] = ['column', 'index', 'records', 'sealed', 'deleted'];

/** Of one search request: a label costs the store a lookup, however short it is. */
const MOST_LABELS = 1 << 20;

/** Of one query of a rung whose queries grow with its index (pir); the whole request has its own limit. */
const MOST_QUERY_BYTES = 1 << 24;

/** Paths; the arguments are 32 hex digits, or a route's placeholders. */
export const PATHS = {
  health: '/v1/health',
  openApi: '/v1/openapi.json',
  tables: '/v1/tables',
  head: (table: string): string => `/v1/tables/${table}/head`,
  parts: (table: string): string => `/v1/tables/${table}/parts`,
  part: (table: string, part: string): string => `/v1/tables/${table}/parts/${part}`,
  removals: (table: string): string => `/v1/tables/${table}/removals`,
  search: '/v1/search',
  aggregate: '/v1/aggregate',
  fetch: '/v1/fetch',
  work: '/v1/work',
  scratch: (query: string, id: string): string => `/v1/work/queries/${query}/${id}`,
};

/** Bytes of a body, by what it is. */
export const LIMITS: Readonly<
  Record<'piece' | 'part' | 'manifest' | 'request' | 'reply' | 'list' | 'refusal', number>
> = {
  /** One piece of a part: larger parts go up in several. */
  piece: 8 << 20,
  part: 1 << 29,
  manifest: 1 << 26,
  request: 1 << 26,
  /** Of a reply that the client holds in memory. */
  reply: 2 ** 31,
  /** Of a reply that lists ids, or says why not. */
  list: 1 << 28,
  refusal: 1 << 16,
};

/** What a token may do. `read` runs queries, too; a cluster's worker needs `read` and `work`. */
export const SCOPES = ['read', 'write', 'work'] as const;
export type Scope = (typeof SCOPES)[number];

/** HTTP status of a refusal; 500 where none is named. */
export const STATUS: Readonly<Partial<Record<ErrorCode, number>>> = {
  USAGE: 400,
  BYTES_INVALID: 400,
  VERSION_UNSUPPORTED: 400,
  MANIFEST_INVALID: 422,
  PART_CORRUPT: 422,
  GROUP_LIMIT: 422,
  STORE_UNAUTHORIZED: 401,
  STORE_FORBIDDEN: 403,
  UNKNOWN_TABLE: 404,
  PART_MISSING: 404,
  EPOCH_CONFLICT: 409,
  UPLOAD_OFFSET: 409,
  REQUEST_TOO_LARGE: 413,
  STORE_BUSY: 429,
  ABORTED: 499,
  WORKER_FAILED: 503,
  STORE_FULL: 507,
};

/** What a store may refuse with; a client takes no other code from it, such as one about its vault. */
export function isStoreRefusal(code: ErrorCode): boolean {
  return code === 'STORE_IO' || code === 'INTERNAL' || Object.hasOwn(STATUS, code);
}

export function encodeSearch({ table, index, labels }: SearchRequest): Uint8Array {
  const writer = frame('SRCH').raw(fromHex(table, 'a table id')).raw(fromHex(index, 'a part id'));
  writer.u32(labels.length);
  for (const label of labels) writer.bytes(label);
  return writer.finish();
}

/** @throws BYTES_INVALID */
export function decodeSearch(bytes: Uint8Array): SearchRequest {
  const reader = unframe(bytes, 'SRCH', 'a search request');
  const [table, index] = [toHex(reader.raw(16)), toHex(reader.raw(16))];
  const count = reader.count(4);
  if (count > MOST_LABELS) reader.fail('it asks for too many labels');
  const labels = Array.from({ length: count }, () => reader.bytes(MOST_QUERY_BYTES));
  reader.end();
  return { table, index, labels };
}

export function encodeFetch({ table, part, rows, asUploaded }: FetchRequest): Uint8Array {
  const writer = frame('FTCH').raw(fromHex(table, 'a table id')).raw(fromHex(part, 'a part id'));
  writer.u8(rows !== undefined ? 1 : asUploaded === true ? 2 : 0);
  if (rows !== undefined) writer.words(rows);
  return writer.finish();
}

/** @throws BYTES_INVALID */
export function decodeFetch(bytes: Uint8Array): FetchRequest {
  const reader = unframe(bytes, 'FTCH', 'a fetch request');
  const [table, part] = [toHex(reader.raw(16)), toHex(reader.raw(16))];
  const what = reader.u8();
  if (what > 2) reader.fail('it asks for an unknown form');
  const rows = what === 1 ? reader.words() : undefined;
  reader.end();
  return { table, part, ...(rows && { rows }), ...(what === 2 && { asUploaded: true }) };
}

/** The blobs of a reply, in pieces that need no copy; undefined is a blob that was not found. */
export function* encodeBlobs(blobs: readonly (Uint8Array | undefined)[]): Generator<Uint8Array> {
  yield frame('BLBS').u32(blobs.length).finish();
  for (const blob of blobs) {
    yield new Writer(5)
      .u8(blob === undefined ? 0 : 1)
      .u32(blob?.length ?? 0)
      .finish();
    if (blob !== undefined && blob.length > 0) yield blob;
  }
}

/** @throws BYTES_INVALID */
export function decodeBlobs(bytes: Uint8Array): (Uint8Array | undefined)[] {
  const reader: Reader = unframe(bytes, 'BLBS', 'a reply');
  const blobs = Array.from({ length: reader.count(5) }, () => {
    const found = reader.u8() === 1;
    const blob = reader.bytes();
    return found ? blob : undefined;
  });
  reader.end();
  return blobs;
}
