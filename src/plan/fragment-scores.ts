/** The store's share of scoring single rows, and its reply. */
import { Reader, type Writer } from '../bytes/codec.ts';
import { frame, unframe } from '../bytes/framing.ts';
import { fromHex, toHex } from '../bytes/hex.ts';

/**
 * Of the rows of each segment's filter, the chunks of slots that hold any: ciphertexts of
 * Σ W_j·x_j, or with that and C as y, of y³ + B2·y² + B1·y.
 */
export interface ScoresWork {
  readonly kind: 'scores';
  readonly degree: 1 | 3;
  /** Of the reply after modulus switching. */
  readonly limbs: number;
}

export interface SegmentScores {
  /** Ciphertext columns, by number within the segment. */
  readonly columns: readonly number[];
  /** [constant][limb] residues: a weight for each column; of a cubic then C, B2 and B1. */
  readonly constants: Uint32Array;
}

export interface ScoredSegment {
  readonly segment: string;
  /** Rows of the filter, ascending. */
  readonly rows: Uint32Array;
  /** Of each chunk that has any of them, ascending: its polynomials' residues, packed (table/column-part.ts). */
  readonly chunks: readonly Uint8Array[];
}

export interface ScoresReply {
  readonly segments: readonly ScoredSegment[];
}

/** Columns that one model may have. */
export const MOST_SCORED_COLUMNS = 256;
/** Constants of a cubic besides its weights. */
export const CUBIC_CONSTANTS = 3;
const MAX_WORDS = 16 * (MOST_SCORED_COLUMNS + CUBIC_CONSTANTS);
/** More than the gate ever asks for at once (gate/score/score-rows.ts): a run of rows is larger than its bytes. */
const MAX_SEGMENTS = 64;
const MAX_ROWS = 1 << 18;
const MAX_CHUNKS = 1 << 16;
/** Four polynomials of a full modulus at n = 32768 are less. */
const MAX_CHUNK_BYTES = 1 << 23;

export function writeScoresWork(writer: Writer, { degree, limbs }: ScoresWork): void {
  writer.u8(degree).u8(limbs);
}

export function readScoresWork(reader: Reader): ScoresWork {
  const degree = reader.u8();
  if (degree !== 1 && degree !== 3) return reader.fail('scores are of degree 1 or 3');
  return { kind: 'scores', degree, limbs: reader.u8() };
}

export function writeSegmentScores(writer: Writer, { columns, constants }: SegmentScores): void {
  writer.words(Uint32Array.from(columns)).words(constants);
}

export function readSegmentScores(reader: Reader): SegmentScores {
  const columns = Array.from(reader.words(MOST_SCORED_COLUMNS));
  return { columns, constants: reader.words(MAX_WORDS) };
}

export function encodeScoresReply({ segments }: ScoresReply): Uint8Array {
  const bytes = segments.reduce(
    (sum, { rows, chunks }) => sum + rows.length + chunks.reduce((all, c) => all + c.length + 4, 0),
    4096,
  );
  const writer = frame('SCOR', bytes).u32(segments.length);
  for (const { segment, rows, chunks } of segments) {
    writeRuns(writer.raw(fromHex(segment, 'a segment id')), rows);
    writer.u32(chunks.length);
    for (const chunk of chunks) writer.bytes(chunk);
  }
  return writer.finish();
}

/** @throws BYTES_INVALID; rows, which ascend, and residues are for whoever knows the segment to check */
export function decodeScoresReply(bytes: Uint8Array): ScoresReply {
  const reader: Reader = unframe(bytes, 'SCOR', 'a scores reply');
  const segments = Array.from({ length: reader.count(16 + 4 + 4, MAX_SEGMENTS) }, () => ({
    segment: toHex(reader.raw(16)),
    rows: readRuns(reader),
    chunks: Array.from({ length: reader.count(4, MAX_CHUNKS) }, () =>
      reader.bytes(MAX_CHUNK_BYTES),
    ),
  }));
  reader.end();
  return { segments };
}

/** Ascending rows as runs: the gap before each, and its length, so that all rows take a few bytes. */
function writeRuns(writer: Writer, rows: Uint32Array): void {
  const starts = Array.from(rows.keys()).filter((i) => i === 0 || rows[i] !== rows[i - 1]! + 1);
  writer.u32(starts.length);
  let end = 0;
  starts.forEach((start, run) => {
    const next = starts[run + 1] ?? rows.length;
    writer.varint(rows[start]! - end).varint(next - start);
    end = rows[next - 1]! + 1;
  });
}

function readRuns(reader: Reader): Uint32Array {
  const runs = reader.count(2, MAX_ROWS);
  const rows = new Uint32Array(MAX_ROWS);
  let count = 0;
  let end = 0;
  for (let run = 0; run < runs; run++) {
    const gap = reader.varint();
    const length = reader.varint();
    if (length === 0 || (run > 0 && gap === 0)) reader.fail('a run of rows is none of its own');
    if (gap > MAX_ROWS || length > MAX_ROWS || end + gap + length > MAX_ROWS) {
      reader.fail('a row is out of range');
    }
    for (let i = 0; i < length; i++) rows[count++] = end + gap + i;
    end += gap + length;
  }
  return rows.slice(0, count);
}
