import { Reader, Writer } from '../../bytes/codec.ts';
import { groupBytes, readSparse, writeSparse } from '../../plan/fragment-codec.ts';
import type { PartialGroup } from './aggregate.ts';

/** Partial results cross threads and machines as bytes. */
export function encodePartial(groups: readonly PartialGroup[]): Uint8Array {
  const sumsOf = ({ sums }: PartialGroup): PartialGroup['sums'][number]['sample'][] =>
    sums.map(({ sample }) => sample);
  const bytes = groups.reduce((sum, group) => sum + groupBytes(group, sumsOf(group), 4), 0);
  const writer = new Writer(4 + bytes);
  writer.u32(groups.length);
  for (const group of groups) {
    writer.words(Uint32Array.from(group.key)).words(Uint32Array.from(group.counts));
    writeSparse(writer, group.tallies);
    writer.u32(group.sums.length);
    for (const { output, sample } of group.sums) {
      writer.u32(output).words(sample.b).words(sample.a);
    }
  }
  return writer.finish();
}

/** @throws BYTES_INVALID */
export function decodePartial(bytes: Uint8Array): PartialGroup[] {
  const reader = new Reader(bytes, 'a partial result');
  const groups: PartialGroup[] = [];
  const count = reader.count(16);
  for (let i = 0; i < count; i++) {
    groups.push({
      key: Array.from(reader.words()),
      counts: Array.from(reader.words()),
      tallies: readSparse(reader),
      sums: Array.from({ length: reader.count(12) }, () => ({
        output: reader.u32(),
        sample: { b: reader.words(), a: reader.words() },
      })),
    });
  }
  reader.end();
  return groups;
}
