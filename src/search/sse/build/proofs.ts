import { OpalineError } from '../../../errors/opaline-error.ts';
import { bucketBytes, bucketOf, ENTRY_BYTES, ENTRY_LABEL, type ProofShape } from '../proof.ts';
import { LABEL_BYTES } from '../region.ts';
import type { ProofKey } from '../token/proof.ts';
import type { RegionWriter } from './lists.ts';

/** Gathers the MACs of lists as they are written, and writes them into an index. */
export class ProofWriter {
  private readonly key: ProofKey;
  private readonly shape: ProofShape;
  private readonly contents: Uint8Array[];
  private readonly counts: Uint16Array;

  constructor(key: ProofKey, shape: ProofShape) {
    this.key = key;
    this.shape = shape;
    const bytes = bucketBytes(shape);
    this.contents = Array.from({ length: shape.buckets }, () => new Uint8Array(bytes));
    this.counts = new Uint16Array(shape.buckets);
  }

  /** @param label of the list's first record @param words its records decrypted, without their labels */
  add(token: Uint8Array, label: Uint8Array, words: Uint8Array): void {
    const bucket = bucketOf(label, this.shape.buckets);
    const place = this.counts[bucket]!;
    if (place === this.shape.capacity) {
      throw new OpalineError('INTERNAL', { reason: 'a bucket of MACs is full' });
    }
    const at = 2 + place * ENTRY_BYTES;
    const content = this.contents[bucket]!;
    content.set(label.subarray(0, ENTRY_LABEL), at);
    content.set(this.key.mac(token, words), at + ENTRY_LABEL);
    this.counts[bucket] = place + 1;
  }

  finish(writer: RegionWriter): void {
    this.contents.forEach((content, bucket) => {
      new DataView(content.buffer).setUint16(0, this.counts[bucket]!, true);
      const at = writer.next();
      writer.region.bytes.set(this.key.place(bucket), at);
      writer.region.bytes.set(this.key.seal(bucket, content), at + LABEL_BYTES);
    });
  }
}
