import { Reader, Writer } from '../bytes/codec.ts';
import { frame, unframe } from '../bytes/framing.ts';
import { fromHex, toHex } from '../bytes/hex.ts';
import { sha256 } from '../bytes/hash.ts';
import { sign, verify } from '../bytes/signature.ts';
import { OpalineError } from '../errors/opaline-error.ts';

/**
 * The list of a table's segments and parts at one epoch, signed by the owner. The store reads what
 * it needs to find parts; names, types, bounds and values are inside `sealed`.
 */
export interface Manifest {
  /** 32 hex digits. */
  readonly table: string;
  /** 1, 2, 3, …: each publication adds one. */
  readonly epoch: number;
  readonly segments: readonly SegmentEntry[];
  /** Small appends, not yet compacted into a segment. */
  readonly delta: readonly DeltaEntry[];
  /** The owner's Ed25519 public key. */
  readonly owner: Uint8Array;
  /** Sealed: schema, table name and the segments' keys (manifest-content.ts). */
  readonly sealed: Uint8Array;
}

export interface SegmentEntry {
  readonly id: string;
  readonly rows: number;
  /** Epoch in which the segment was first published. */
  readonly birthEpoch: number;
  readonly index: PartEntry;
  readonly records: PartEntry;
  /** Sealed metadata: section 0 the segment's, then one a column (segment-meta.ts). */
  readonly metadata: PartEntry;
  /** Ciphertext columns; the position is the column number of fragments. */
  readonly columns: readonly PartEntry[];
  /** Rows excluded from every row set until compaction (deleted-rows.ts). */
  readonly deleted: DeletedEntry | undefined;
  /** Indexes of other rungs than sse; the position is the rung number of fragments. Sealed metadata says which is whose. */
  readonly rungs: readonly RungEntry[];
}

/** One further index of a segment. */
export interface RungEntry {
  /** As it was built, then what later changes added. */
  readonly parts: readonly PartEntry[];
  /** Sealed, for the vault alone: one section of what asking takes (gate/rung-index.ts). */
  readonly state: PartEntry;
}

export interface DeletedEntry {
  /** At least 1, at most the segment's rows. */
  readonly rows: number;
  readonly part: PartEntry;
}

/** Rows that are sealed records and nothing else: the gate computes on them itself. */
export interface DeltaEntry {
  readonly id: string;
  readonly rows: number;
  readonly birthEpoch: number;
  readonly records: PartEntry;
}

export interface PartEntry {
  readonly id: string;
  /** Size of the uploaded form. */
  readonly bytes: number;
  /** SHA-256 of the uploaded form. */
  readonly digest: Uint8Array;
}

/** Rows of a segment at most: the unit of parallel work. */
export const SEGMENT_ROWS: number = 1 << 18;
/** Rows of all delta entries of a table together. */
export const DELTA_ROWS: number = 4096;
const MAX_SEGMENTS = 1 << 20;
const MAX_COLUMNS = 1 << 14;
const MAX_RUNGS = 1 << 12;
const MAX_RUNG_PARTS = 1 << 12;
const SIGNATURE_BYTES = 64;

function writePart(writer: Writer, part: PartEntry): void {
  writer.raw(fromHex(part.id, 'a part id')).u64(part.bytes).raw(part.digest);
}

function readPart(reader: Reader): PartEntry {
  return { id: toHex(reader.raw(16)), bytes: reader.u64(), digest: reader.raw(32).slice() };
}

function body(manifest: Manifest): Uint8Array {
  const writer = frame('MNFT', 4096);
  writer.raw(fromHex(manifest.table, 'a table id')).u64(manifest.epoch).raw(manifest.owner);
  writer.u32(manifest.segments.length);
  for (const segment of manifest.segments) {
    writer.raw(fromHex(segment.id, 'a segment id')).u32(segment.rows).u64(segment.birthEpoch);
    writePart(writer, segment.index);
    writePart(writer, segment.records);
    writePart(writer, segment.metadata);
    writer.u32(segment.columns.length);
    for (const column of segment.columns) writePart(writer, column);
    writer.u32(segment.deleted?.rows ?? 0);
    if (segment.deleted !== undefined) writePart(writer, segment.deleted.part);
  }
  writer.u32(manifest.delta.length);
  for (const { id, rows, birthEpoch, records } of manifest.delta) {
    writer.raw(fromHex(id, 'a delta id')).u32(rows).u64(birthEpoch);
    writePart(writer, records);
  }
  writer.bytes(manifest.sealed);
  writeRungs(writer, manifest.segments);
  return writer.finish();
}

/** Per segment its rungs; nothing where no segment has one, as in the first manifests of this format. */
function writeRungs(writer: Writer, segments: readonly SegmentEntry[]): void {
  if (segments.every(({ rungs }) => rungs.length === 0)) return;
  for (const { rungs } of segments) {
    writer.u32(rungs.length);
    for (const { parts, state } of rungs) {
      writer.u32(parts.length);
      for (const part of parts) writePart(writer, part);
      writePart(writer, state);
    }
  }
}

function readRungs(reader: Reader, segments: readonly SegmentEntry[]): SegmentEntry[] {
  if (reader.remaining === SIGNATURE_BYTES) return [...segments];
  const read = segments.map((segment) => {
    const rungs: RungEntry[] = [];
    const count = reader.count(4 + 56, MAX_RUNGS);
    for (let i = 0; i < count; i++) {
      const parts: PartEntry[] = [];
      const partCount = reader.count(56, MAX_RUNG_PARTS);
      if (partCount === 0) reader.fail('an index has no part');
      for (let p = 0; p < partCount; p++) parts.push(readPart(reader));
      rungs.push({ parts, state: readPart(reader) });
    }
    return { ...segment, rungs };
  });
  if (read.every(({ rungs }) => rungs.length === 0))
    reader.fail('there is an empty list of indexes');
  return read;
}

/** The manifest's bytes, signed by the secret whose public key is `manifest.owner`. */
export function signManifest(manifest: Manifest, secret: Uint8Array): Uint8Array {
  const content = body(manifest);
  return new Writer(content.length + SIGNATURE_BYTES)
    .raw(content)
    .raw(sign(secret, content))
    .finish();
}

/**
 * Parse without trusting: the structure is checked, the signature is not. For stores, which verify
 * nothing they could not forge anyway.
 */
export function parseManifest(bytes: Uint8Array, what = 'manifest'): Manifest {
  const reader = unframe(bytes, 'MNFT', what);
  const table = toHex(reader.raw(16));
  const epoch = reader.u64();
  if (epoch < 1) reader.fail('the epoch is not positive');
  const owner = reader.raw(32).slice();
  const segments: SegmentEntry[] = [];
  const count = reader.count(16 + 4 + 8 + 3 * 56 + 8, MAX_SEGMENTS);
  for (let i = 0; i < count; i++) {
    const id = toHex(reader.raw(16));
    const rows = reader.u32();
    if (rows < 1 || rows > SEGMENT_ROWS) reader.fail('a segment has an impossible number of rows');
    const birthEpoch = reader.u64();
    if (birthEpoch > epoch) reader.fail('a segment is younger than its manifest');
    const [index, records, metadata] = [readPart(reader), readPart(reader), readPart(reader)];
    const columns: PartEntry[] = [];
    const columnCount = reader.count(56, MAX_COLUMNS);
    for (let c = 0; c < columnCount; c++) columns.push(readPart(reader));
    const deletedRows = reader.u32();
    if (deletedRows > rows) reader.fail('a segment has more deleted rows than rows');
    const deleted = deletedRows === 0 ? undefined : { rows: deletedRows, part: readPart(reader) };
    const parts = { index, records, metadata, columns, deleted };
    segments.push({ id, rows, birthEpoch, ...parts, rungs: [] });
  }
  const delta = readDelta(reader, epoch);
  const sealed = reader.bytes(1 << 24).slice();
  const withRungs = readRungs(reader, segments);
  reader.raw(SIGNATURE_BYTES);
  reader.end();
  return { table, epoch, segments: withRungs, delta, owner, sealed };
}

function readDelta(reader: Reader, epoch: number): DeltaEntry[] {
  const delta: DeltaEntry[] = [];
  const count = reader.count(16 + 4 + 8 + 56, DELTA_ROWS);
  let total = 0;
  for (let i = 0; i < count; i++) {
    const id = toHex(reader.raw(16));
    const rows = reader.u32();
    total += rows;
    if (rows < 1 || total > DELTA_ROWS) reader.fail('the delta has an impossible number of rows');
    const birthEpoch = reader.u64();
    if (birthEpoch > epoch) reader.fail('a delta entry is younger than its manifest');
    delta.push({ id, rows, birthEpoch, records: readPart(reader) });
  }
  return delta;
}

/**
 * Parse and verify for the vault.
 * @throws MANIFEST_INVALID when it is not this owner's manifest of this table.
 */
export function verifyManifest(bytes: Uint8Array, table: string, owner: Uint8Array): Manifest {
  const manifest = parseManifest(bytes);
  if (manifest.table !== table) {
    throw new OpalineError('MANIFEST_INVALID', { reason: 'it belongs to another table' });
  }
  const content = bytes.subarray(0, bytes.length - SIGNATURE_BYTES);
  if (!verify(owner, content, bytes.subarray(content.length))) {
    throw new OpalineError('MANIFEST_INVALID', { reason: 'the signature does not verify' });
  }
  return manifest;
}

/** What the vault pins beside the epoch. */
export function manifestDigest(bytes: Uint8Array): Uint8Array {
  return sha256(bytes);
}

/** Every part a manifest names. */
export function* partsOf(manifest: Manifest): Generator<PartEntry> {
  for (const segment of manifest.segments) {
    yield segment.index;
    yield segment.records;
    yield segment.metadata;
    yield* segment.columns;
    if (segment.deleted !== undefined) yield segment.deleted.part;
    for (const { parts, state } of segment.rungs) {
      yield* parts;
      yield state;
    }
  }
  for (const { records } of manifest.delta) yield records;
}

/** Rows of a segment that are not deleted. */
export function liveRows({ rows, deleted }: Pick<SegmentEntry, 'rows' | 'deleted'>): number {
  return rows - (deleted?.rows ?? 0);
}
