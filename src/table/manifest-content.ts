import { openBytes, sealBytes } from '../bytes/aead.ts';
import { Reader, Writer } from '../bytes/codec.ts';
import { fromHex, toHex } from '../bytes/hex.ts';
import { readRotation, type Rotation, writeRotation } from './rotation.ts';
import { parseSchema, schemaToJson } from './schema-json.ts';
import type { Schema } from './schema.ts';

/** 32 bytes that wrap a table's segment roots, and their name. */
export interface WrappingKey {
  /** 32 hex digits. */
  readonly id: string;
  readonly key: Uint8Array;
}

/**
 * The private part of a manifest: the schema, which holds the table's name, and the root key of each
 * segment and delta entry. The roots are sealed once more under a wrapping key that the vault alone
 * holds and replaces when rows are erased: what an older manifest holds of a root is then unreadable.
 */
export interface ManifestContent {
  readonly schema: Schema;
  /** Segment or delta id -> 32 random bytes. */
  readonly roots: ReadonlyMap<string, Uint8Array>;
  /** Undefined: none has begun that has not ended. */
  readonly pending: Pending | undefined;
}

/** What a table is being changed to, segment by segment. */
export interface Pending extends Rotation {
  /**
   * The schema that the table has once every segment serves it; undefined: the one it has. Until then
   * new segments serve both (schema-union.ts).
   */
  readonly schema: Schema | undefined;
}

const WHAT = 'the manifest’s content';
const MAX_CONTENT = 1 << 26;

export function sealManifestContent(
  manifestKey: Uint8Array,
  table: string,
  content: ManifestContent,
  wrap: WrappingKey,
): Uint8Array {
  const roots = new Writer().u32(content.roots.size);
  for (const [id, root] of content.roots) roots.raw(fromHex(id, 'a segment id')).raw(root);
  const place = fromHex(table, 'a table id');
  const writer = new Writer()
    .text(JSON.stringify(schemaToJson(content.schema)))
    .raw(fromHex(wrap.id, 'a wrapping key id'))
    .bytes(sealBytes(wrap.key, roots.finish(), place));
  if (content.pending !== undefined) writePending(writer, content.pending);
  return sealBytes(manifestKey, writer.finish(), place);
}

function writePending(writer: Writer, { schema, ...rotation }: Pending): void {
  writeRotation(writer, rotation);
  writer.text(schema === undefined ? '' : JSON.stringify(schemaToJson(schema)));
}

/** What follows the roots, if anything does. */
function readPending(reader: Reader): Pending | undefined {
  if (reader.remaining === 0) return undefined;
  const rotation = readRotation(reader);
  const text = reader.text(MAX_CONTENT);
  return { ...rotation, schema: text === '' ? undefined : schemaOf(text, reader) };
}

/** What a manifest's private part says before its roots are unwrapped. */
export interface OpenedContent {
  readonly schema: Schema;
  readonly pending: Pending | undefined;
  /** Id of the wrapping key. */
  readonly wrap: string;
  /** The roots, given the wrapping key. @throws BYTES_INVALID */
  unwrap(key: Uint8Array): ReadonlyMap<string, Uint8Array>;
}

/** @throws BYTES_INVALID when it was altered or belongs to another table */
export function openManifestContent(
  manifestKey: Uint8Array,
  table: string,
  sealed: Uint8Array,
): OpenedContent {
  const place = fromHex(table, 'a table id');
  const reader = new Reader(openBytes(manifestKey, sealed, place, WHAT), WHAT);
  const schema = schemaOf(reader.text(MAX_CONTENT), reader);
  const wrap = toHex(reader.raw(16));
  const wrapped = reader.bytes(MAX_CONTENT);
  const pending = readPending(reader);
  reader.end();
  return {
    schema,
    pending,
    wrap,
    unwrap: (key) => readRoots(openBytes(key, wrapped, place, WHAT)),
  };
}

function schemaOf(text: string, reader: Reader): Schema {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return reader.fail('the schema is not JSON');
  }
  return parseSchema(json);
}

function readRoots(plain: Uint8Array): Map<string, Uint8Array> {
  const reader = new Reader(plain, WHAT);
  const roots = new Map<string, Uint8Array>();
  const count = reader.count(48);
  for (let i = 0; i < count; i++) roots.set(toHex(reader.raw(16)), reader.raw(32).slice());
  reader.end();
  return roots;
}
