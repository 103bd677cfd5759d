import type { Postings } from '../../postings.ts';
import {
  BUCKET_SEAL,
  encodeBucket,
  listBytes,
  ListEncoder,
  recordBytes,
  TAG_BYTES,
  type Record,
} from '../records.ts';
import { sealBucket } from '../token/bucket.ts';
import { placer, type PirKeys } from '../token/keywords.ts';
import { placeItems, type Items } from './cuckoo.ts';

export interface TableShape {
  /** Bytes of a bucket, sealed. */
  readonly height: number;
  readonly buckets: number;
  /** Most bytes of a list in one record. */
  readonly partBytes: number;
}

export interface FilledTable {
  /** Sealed, `height` bytes. */
  readonly bucket: (number: number) => Uint8Array;
  /** Records that found no place. */
  readonly stash: readonly Record[];
}

/** Most records that the vault keeps because they found no place; with more, the table is too small. */
const MOST_STASHED = 64;

/** Cut every keyword's rows into parts and place them in buckets; undefined where they do not fit. */
export function fillTable(
  postings: Postings,
  keys: PirKeys,
  shape: TableShape,
): FilledTable | undefined {
  const capacity = shape.height - BUCKET_SEAL;
  const { items, record } = cutLists(postings, keys, shape);
  const { buckets, stash } = placeItems(items, shape.buckets, capacity);
  if (stash.length > MOST_STASHED) return undefined;
  return {
    bucket: (number) =>
      sealBucket(keys.bucket, number, encodeBucket(buckets[number]!.map(record), capacity)),
    stash: stash.map(record),
  };
}

interface Records {
  readonly items: Items;
  readonly record: (i: number) => Record;
}

/** All parts of all lists: in a few large arrays, for there may be hundreds of thousands. */
function cutLists(postings: Postings, keys: PirKeys, { buckets, partBytes }: TableShape): Records {
  const { rows, keywords, starts } = postings;
  let bytes = 0;
  let count = 0;
  for (let i = 0; i < keywords.length; i++) {
    const length = listBytes(starts[i + 1]! - starts[i]!, rows);
    bytes += length;
    count += Math.ceil(length / partBytes);
  }
  const contents = new Uint8Array(bytes);
  const ends = new Uint32Array(count + 1);
  const tags = new Uint8Array(count * TAG_BYTES);
  const items = { sizes: new Uint16Array(count), candidates: new Uint32Array(2 * count) };
  const encoder = new ListEncoder(postings);
  const place = placer(keys.keyword, buckets);
  let next = 0;
  for (let i = 0; i < keywords.length; i++) {
    let at = ends[next]!;
    const end = encoder.write(i, contents, at);
    for (let part = 0; at < end; part++, next++) {
      const { tag, candidates } = place(keywords[i]!, part);
      const size = Math.min(partBytes, end - at);
      at += size;
      ends[next + 1] = at;
      tags.set(tag, next * TAG_BYTES);
      items.sizes[next] = recordBytes(size);
      items.candidates.set(candidates, 2 * next);
    }
  }
  place.destroy();
  const record = (i: number): Record => ({
    tag: tags.subarray(i * TAG_BYTES, (i + 1) * TAG_BYTES),
    content: contents.subarray(ends[i], ends[i + 1]),
  });
  return { items, record };
}
