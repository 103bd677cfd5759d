import { Reader, Writer } from '../../bytes/codec.ts';
import type { Cost } from '../../policy/dp/budget.ts';
import { isFieldPrime } from '../../policy/release/prime-field.ts';
import type { Partition } from '../../policy/release/refine.ts';
import type { ReleaseSettings } from '../../policy/release/settings.ts';

/** What a ledger is made of. */
export type LedgerRecord =
  /** The first of all. */
  | {
      readonly kind: 'start';
      readonly primes: readonly [number, number];
      /** Whether rows say whose they are; else each is a subject's only one. */
      readonly hasSubject: boolean;
      /** How figures are released, for good: what left exactly has no budget. */
      readonly mode: ReleaseSettings['mode'];
    }
  /** Rows that were not known: keyed hashes of what is in them, and whose they are. */
  | {
      readonly kind: 'rows';
      /** 8 bytes each, subjects that were not known, in the order of their numbers. */
      readonly newSubjects: Uint8Array;
      /** 8 bytes each. */
      readonly rows: Uint8Array;
      /** One for each row where rows have subjects, else none. */
      readonly subjectOf: Uint32Array;
    }
  | ReserveRecord
  /** Which request an unanswered reservation is for, and of which query it will be the answer's: the last one counts. */
  | {
      readonly kind: 'claim';
      readonly reservation: number;
      /** 32 bytes. */
      readonly request: Uint8Array;
      /** 32 bytes, as of a reservation. */
      readonly query: Uint8Array;
    }
  /** An answer that is to be released, written before it is. */
  | { readonly kind: 'answer'; readonly reservation: number; readonly result: string };

/** A release is going to be computed: what it costs is spent from here on, whatever becomes of it. */
export interface ReserveRecord {
  readonly kind: 'reserve';
  /** 32 bytes: of the query, the settings and the rows that it is asked of. */
  readonly query: Uint8Array;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly label: string;
  readonly cost: Cost;
  /** The sets of rows of which figures are released exactly, numbered anew; none that tell nothing new. */
  readonly partitions: readonly Partition[];
}

const KINDS = ['start', 'rows', 'reserve', 'answer', 'claim'] as const;
const MODES = ['exact', 'dp'] as const;
const MOST_LABEL = 1000;
const MOST_RESULT = 2 ** 26;

export function encodeRecord(record: LedgerRecord): Uint8Array {
  const writer = new Writer().u8(KINDS.indexOf(record.kind));
  switch (record.kind) {
    case 'start':
      writer
        .u32(record.primes[0])
        .u32(record.primes[1])
        .u8(record.hasSubject ? 1 : 0);
      writer.u8(MODES.indexOf(record.mode));
      break;
    case 'rows':
      writer.bytes(record.newSubjects).bytes(record.rows).words(record.subjectOf);
      break;
    case 'reserve': {
      const { query, time, label, cost, partitions } = record;
      writer.raw(query).u64(time).text(label);
      writer.u64(cost.microEpsilon).u64(cost.microRho).u64(cost.picoDelta).u32(partitions.length);
      for (const partition of partitions) writePartition(writer, partition);
      break;
    }
    case 'answer':
      writer.u32(record.reservation).text(record.result);
      break;
    case 'claim':
      writer.u32(record.reservation).raw(record.request).raw(record.query);
      break;
    default:
      record satisfies never;
  }
  return writer.finish();
}

/** @throws BYTES_INVALID */
export function decodeRecord(bytes: Uint8Array, what: string): LedgerRecord {
  const reader = new Reader(bytes, what);
  const record = readRecord(reader);
  reader.end();
  return record;
}

function readRecord(reader: Reader): LedgerRecord {
  const kind = KINDS[reader.u8()];
  switch (kind) {
    case 'start': {
      const primes = [reader.u32(), reader.u32()] as const;
      if (!primes.every(isFieldPrime)) reader.fail('a modulus is no prime of its size');
      const subject = reader.u8();
      if (subject > 1) reader.fail('a flag is neither 0 nor 1');
      const mode = MODES[reader.u8()] ?? reader.fail('a mode of no known kind');
      return { kind, primes, hasSubject: subject === 1, mode };
    }
    case 'rows': {
      const newSubjects = hashes(reader);
      const rows = hashes(reader);
      const subjectOf = reader.words();
      if (subjectOf.length !== 0 && subjectOf.length !== rows.length / 8) {
        reader.fail('its rows and subjects do not match');
      }
      return { kind, newSubjects, rows, subjectOf };
    }
    case 'reserve': {
      const query = reader.raw(32).slice();
      const time = reader.u64();
      const label = reader.text(MOST_LABEL);
      const cost = {
        microEpsilon: reader.u64(),
        microRho: reader.u64(),
        picoDelta: reader.u64(),
      };
      const count = reader.count(9, 10_000);
      const partitions = Array.from({ length: count }, () => readPartition(reader));
      return { kind, query, time, label, cost, partitions };
    }
    case 'answer':
      return { kind, reservation: reader.u32(), result: reader.text(MOST_RESULT) };
    case 'claim': {
      const reservation = reader.u32();
      return { kind, reservation, request: reader.raw(32).slice(), query: reader.raw(32).slice() };
    }
    default:
      return reader.fail('a record of no known kind');
  }
}

function hashes(reader: Reader): Uint8Array {
  const bytes = reader.bytes();
  if (bytes.length % 8 !== 0) reader.fail('hashes are of 8 bytes');
  return bytes.slice();
}

/** Bits of an entry: the least power of two that holds every group's number and that of none. */
function widthFor(groups: number): number {
  let width = 1;
  while (2 ** width <= groups) width *= 2;
  return width;
}

/** Groups, rows, then each row's group plus one, 0 for none, in entries of few bits. */
function writePartition(writer: Writer, { groupOf, groups }: Partition): void {
  const width = widthFor(groups);
  const perWord = 32 / width;
  const words = new Uint32Array(Math.ceil(groupOf.length / perWord));
  for (let row = 0; row < groupOf.length; row++) {
    words[Math.floor(row / perWord)]! |= (groupOf[row]! + 1) << ((row % perWord) * width);
  }
  writer.u32(groups).u32(groupOf.length).words(words);
}

function readPartition(reader: Reader): Partition {
  const groups = reader.u32();
  const rows = reader.u32();
  const words = reader.words();
  if (groups > 2 ** 16) reader.fail('it has too many groups');
  const width = widthFor(groups);
  const perWord = 32 / width;
  if (words.length !== Math.ceil(rows / perWord)) reader.fail('a set is not of its rows');
  const groupOf = new Int32Array(rows);
  const mask = width === 32 ? 0xffffffff : 2 ** width - 1;
  for (let row = 0; row < rows; row++) {
    const entry = (words[Math.floor(row / perWord)]! >>> ((row % perWord) * width)) & mask;
    if (entry > groups) reader.fail('a row is in no known group');
    groupOf[row] = entry - 1;
  }
  return { groupOf, groups };
}
