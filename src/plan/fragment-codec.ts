import { Reader, type Writer } from '../bytes/codec.ts';
import { frame, FRAME_BYTES, unframe } from '../bytes/framing.ts';
import { fromHex, toHex } from '../bytes/hex.ts';
import type {
  AggregateReply,
  Fragment,
  GroupReply,
  MembersReply,
  MembersWork,
  OutputSpec,
  RowsReply,
  SegmentFragment,
  SetNode,
  SparseCounts,
} from './fragment.ts';
import {
  readScoresWork,
  readSegmentScores,
  writeScoresWork,
  writeSegmentScores,
} from './fragment-scores.ts';

/** Limits on what a store accepts: a fragment is from outside. */
const MAX_NODES = 1 << 20;
const MAX_ROWS = 1 << 18;
const MAX_OUTPUTS = 4096;
/** More than the gate ever asks for (gate/aggregate.ts). */
const MAX_GROUPS = 1 << 14;
/** A token may hold one for each pair of terms of a condition. */
const MAX_TOKEN = 1 << 20;
const NONE = 0xffffffff;
const OUTPUT_KINDS = ['sum', 'product', 'divided'] as const;
const NODE_KINDS = ['all', 'none', 'posting', 'rows', 'and', 'or', 'not', 'lookup'] as const;

export function encodeFragment(fragment: Fragment): Uint8Array {
  const writer = frame('FRAG', 4096);
  writer.raw(fromHex(fragment.table, 'a table id')).u64(fragment.epoch);
  const { work } = fragment;
  if (work.kind === 'aggregate') {
    writer.u8(1).u32(work.counts).u32(work.tallies).u32(work.maxGroups);
    writer.u32(work.outputs.length);
    for (const { kind, limbs } of work.outputs) writer.u8(OUTPUT_KINDS.indexOf(kind)).u8(limbs);
  } else if (work.kind === 'members') {
    writer.u8(3).u32(work.maxGroups);
  } else if (work.kind === 'scores') {
    writer.u8(4);
    writeScoresWork(writer, work);
  } else {
    writer.u8(2).u32(work.limit ?? NONE);
  }
  writer.u32(fragment.segments.length);
  for (const segment of fragment.segments) writeSegment(writer, segment);
  return writer.finish();
}

function writeSegment(writer: Writer, segment: SegmentFragment): void {
  writer.raw(fromHex(segment.segment, 'a segment id')).u32(segment.nodes.length);
  for (const node of segment.nodes) writeNode(writer, node);
  writer.u32(segment.filter).u16(segment.groups.length);
  for (const group of segment.groups) writeIndexes(writer, group);
  writeIndexes(writer, segment.counts);
  writer.u32(segment.sums.length);
  for (const sum of segment.sums) {
    writer
      .u32(sum.output)
      .u32(sum.column)
      .u32(sum.times ?? NONE)
      .u32(sum.over === -1 ? NONE : sum.over);
  }
  writer.u32(segment.tallies.length);
  for (const { tally, node } of segment.tallies) writer.u32(tally).u32(node);
  writeIndexes(writer, segment.members);
  if (segment.scores !== undefined) writeSegmentScores(writer, segment.scores);
}

function writeIndexes(writer: Writer, indexes: readonly number[]): void {
  writer.words(Uint32Array.from(indexes, (index) => (index === -1 ? NONE : index)));
}

function writeNode(writer: Writer, node: SetNode): void {
  writer.u8(NODE_KINDS.indexOf(node.kind));
  switch (node.kind) {
    case 'all':
    case 'none':
      return;
    case 'posting':
      writer.bytes(node.token);
      return;
    case 'lookup':
      writer.u16(node.rung).bytes(node.token);
      return;
    case 'rows':
      writer.words(node.rows);
      return;
    case 'and':
    case 'or':
      writer.words(Uint32Array.from(node.args));
      return;
    case 'not':
      writer.u32(node.arg);
      return;
    default:
      node satisfies never;
  }
}

/** @throws BYTES_INVALID on anything that `encodeFragment` would not write. */
export function decodeFragment(bytes: Uint8Array): Fragment {
  const reader = unframe(bytes, 'FRAG', 'a query fragment');
  const table = toHex(reader.raw(16));
  const epoch = reader.u64();
  const work = readWork(reader);
  const segments: SegmentFragment[] = [];
  const count = reader.count(16 + 4 + 4 + 2 + 4 + 4 + 4 + 4);
  let nodes = 0;
  for (let i = 0; i < count; i++) {
    const segment = readSegment(reader, work);
    nodes += segment.nodes.length;
    if (nodes > MAX_NODES) reader.fail('too many row sets');
    segments.push(segment);
  }
  reader.end();
  return { version: 1, table, epoch, work, segments };
}

function readWork(reader: Reader): Fragment['work'] {
  const kind = reader.u8();
  if (kind === 2) {
    const limit = reader.u32();
    return limit === NONE ? { kind: 'rows' } : { kind: 'rows', limit };
  }
  if (kind === 3) return { kind: 'members', maxGroups: groupLimit(reader) } satisfies MembersWork;
  if (kind === 4) return readScoresWork(reader);
  if (kind !== 1) reader.fail('unknown work');
  const counts = reader.u32();
  const tallies = reader.u32();
  const maxGroups = groupLimit(reader);
  if (counts > MAX_OUTPUTS || tallies > MAX_NODES) reader.fail('more is asked for than may be');
  const outputs = Array.from({ length: reader.count(2, MAX_OUTPUTS) }, (): OutputSpec => {
    const kind = OUTPUT_KINDS[reader.u8()] ?? reader.fail('unknown output');
    return { kind, limbs: reader.u8() };
  });
  const kinds = new Set(outputs.map(({ kind }) => kind));
  if (kinds.has('sum') && kinds.has('divided')) reader.fail('sums are of two rings');
  return { kind: 'aggregate', counts, tallies, maxGroups, outputs };
}

function groupLimit(reader: Reader): number {
  const maxGroups = reader.u32();
  if (maxGroups > MAX_GROUPS) reader.fail('more is asked for than may be');
  return maxGroups;
}

function readSegment(reader: Reader, work: Fragment['work']): SegmentFragment {
  const [outputs, allTallies] = work.kind === 'aggregate' ? [work.outputs, work.tallies] : [[], 0];
  const segment = toHex(reader.raw(16));
  const nodes: SetNode[] = [];
  const nodeCount = reader.count(1, MAX_NODES);
  for (let i = 0; i < nodeCount; i++) nodes.push(readNode(reader, i));
  const node = (index: number): number => {
    if (index >= nodeCount) reader.fail('a node index is out of range');
    return index;
  };
  const optional = (index: number): number => (index === NONE ? -1 : node(index));
  const indexes = (): number[] => Array.from(reader.words(MAX_NODES), optional);
  const filter = node(reader.u32());
  const groups = Array.from({ length: reader.u16() }, indexes);
  const counts = indexes();
  const sums = Array.from({ length: reader.count(16) }, () => {
    const output = reader.u32();
    const kind = (outputs[output] ?? reader.fail('an output index is out of range')).kind;
    const column = reader.u32();
    const times = reader.u32();
    if ((kind === 'product') !== (times !== NONE)) reader.fail('a sum is not of its output');
    const over = optional(reader.u32());
    return times === NONE ? { output, column, over } : { output, column, times, over };
  });
  const tallies = Array.from({ length: reader.count(8, MAX_NODES) }, () => {
    const tally = reader.u32();
    if (tally >= allTallies) reader.fail('a tally is out of range');
    return { tally, node: node(reader.u32()) };
  });
  const members = Array.from(reader.words(MAX_NODES), node);
  const scores = work.kind === 'scores' ? { scores: readSegmentScores(reader) } : {};
  return { segment, nodes, filter, groups, counts, sums, tallies, members, ...scores };
}

function readNode(reader: Reader, position: number): SetNode {
  const kind = NODE_KINDS[reader.u8()] ?? reader.fail('unknown node');
  const earlier = (index: number): number => {
    if (index >= position) reader.fail('a node refers to a later one');
    return index;
  };
  switch (kind) {
    case 'all':
    case 'none':
      return { kind };
    case 'posting':
      return { kind, token: reader.bytes(256).slice() };
    case 'lookup': {
      const rung = reader.u16();
      return { kind, rung, token: reader.bytes(MAX_TOKEN).slice() };
    }
    case 'rows':
      return { kind, rows: reader.words(MAX_ROWS) };
    case 'and':
    case 'or':
      return { kind, args: Array.from(reader.words(MAX_NODES), earlier) };
    case 'not':
      return { kind, arg: earlier(reader.u32()) };
    default:
      return kind satisfies never;
  }
}

export function encodeAggregateReply(reply: AggregateReply): Uint8Array {
  const bytes = reply.groups.reduce((sum, group) => sum + groupBytes(group, group.sums, 1), 0);
  const writer = frame('AGGR', FRAME_BYTES + 4 + bytes);
  writer.u32(reply.groups.length);
  for (const group of reply.groups) {
    writer.words(Uint32Array.from(group.key)).words(Uint32Array.from(group.counts));
    writeSparse(writer, group.tallies);
    writer.u32(group.sums.length);
    for (const sum of group.sums) writer.u8(sum.limbs).words(sum.b).words(sum.a);
  }
  return writer.finish();
}

export function decodeAggregateReply(bytes: Uint8Array): AggregateReply {
  const reader = unframe(bytes, 'AGGR', 'an aggregate reply');
  const groups: GroupReply[] = [];
  const count = reader.count(16, MAX_GROUPS);
  for (let i = 0; i < count; i++) {
    const key = Array.from(reader.words(MAX_OUTPUTS));
    const counts = Array.from(reader.words(MAX_OUTPUTS));
    const tallies = readSparse(reader);
    const sums = Array.from({ length: reader.count(9, MAX_OUTPUTS) }, () => ({
      limbs: reader.u8(),
      b: reader.words(16),
      a: reader.words(),
    }));
    groups.push({ key, counts, tallies, sums });
  }
  reader.end();
  return { groups };
}

/**
 * Bytes of a group, at least as many as it takes and no more where it has no tallies: what has grown, or is cut, is
 * copied once more.
 * @param each bytes of a sum beside its words
 */
export function groupBytes(
  { key, counts, tallies }: Omit<GroupReply, 'sums'>,
  sums: readonly Pick<GroupReply['sums'][number], 'a' | 'b'>[],
  each: number,
): number {
  const words = sums.reduce((sum, { a, b }) => sum + 2 + a.length + b.length, 0);
  const tallied = 2 * MOST_VARINT * tallies.numbers.length;
  return 16 + 4 * (key.length + counts.length + words) + tallied + each * sums.length;
}

/** Of a u32. */
const MOST_VARINT = 5;

/** Numbers as differences to the one before, each followed by its count. */
export function writeSparse(writer: Writer, { numbers, counts }: SparseCounts): void {
  writer.u32(numbers.length);
  let before = 0;
  for (let i = 0; i < numbers.length; i++) {
    writer.varint(numbers[i]! - before).varint(counts[i]!);
    before = numbers[i]!;
  }
}

/** @throws BYTES_INVALID unless the numbers ascend and the counts are above 0 */
export function readSparse(reader: Reader): SparseCounts {
  const length = reader.count(2, MAX_NODES);
  const numbers = new Uint32Array(length);
  const counts = new Uint32Array(length);
  let before = 0;
  for (let i = 0; i < length; i++) {
    const step = reader.varint();
    if (i > 0 && (step === 0 || before + step > MAX_NODES)) reader.fail('tallies are not in order');
    before += step;
    numbers[i] = before;
    counts[i] = reader.varint();
    if (counts[i] === 0) reader.fail('a tally counts nothing');
  }
  return { numbers, counts };
}

export function encodeMembersReply(reply: MembersReply): Uint8Array {
  const writer = frame('MEMB', 4096);
  writer.u32(reply.segments.length);
  for (const { segment, keys, groups } of reply.segments) {
    writer.raw(fromHex(segment, 'a segment id')).u32(keys.length);
    for (const key of keys) writer.words(Uint32Array.from(key));
    writer.u32(groups.length);
    for (const rows of groups) {
      writer.u32(rows.length);
      for (const group of rows) writer.varint(group);
    }
  }
  return writer.finish();
}

export function decodeMembersReply(bytes: Uint8Array): MembersReply {
  const reader = unframe(bytes, 'MEMB', 'a members reply');
  const segments = Array.from({ length: reader.count(24) }, () => {
    const segment = toHex(reader.raw(16));
    const keys = Array.from({ length: reader.count(4, MAX_GROUPS) }, () =>
      Array.from(reader.words(MAX_OUTPUTS)),
    );
    const groups = Array.from({ length: reader.count(4, MAX_NODES) }, () => {
      const rows = new Uint32Array(reader.count(1, MAX_ROWS));
      for (let i = 0; i < rows.length; i++) {
        rows[i] = reader.varint();
        if (rows[i]! > keys.length) reader.fail('a group is out of range');
      }
      return rows;
    });
    return { segment, keys, groups };
  });
  reader.end();
  return { segments };
}

export function encodeRowsReply(reply: RowsReply): Uint8Array {
  const writer = frame('ROWR');
  writer.u32(reply.segments.length);
  for (const segment of reply.segments) {
    writer.raw(fromHex(segment.segment, 'a segment id')).words(segment.rows);
  }
  return writer.finish();
}

export function decodeRowsReply(bytes: Uint8Array): RowsReply {
  const reader = unframe(bytes, 'ROWR', 'a rows reply');
  const segments = Array.from({ length: reader.count(20) }, () => ({
    segment: toHex(reader.raw(16)),
    rows: reader.words(MAX_ROWS),
  }));
  reader.end();
  return { segments };
}
