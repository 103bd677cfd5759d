import { wipe } from '../../../bytes/compare.ts';
import { randomBytes } from '../../../bytes/random.ts';
import { SMALL_RECORD, type ParsedIndex } from '../format.ts';
import { HEAD_BYTES, fillKeystream } from '../keystream.ts';
import { COUNT_WORDS, layoutOf, listBytes, recordBytes } from '../layout.ts';
import { encodePosting } from '../posting.ts';
import { wordBytes } from '../../../bytes/codec.ts';
import { LABEL_BYTES, sortRegion, type Region } from '../region.ts';
import type { ProofWriter } from './proofs.ts';

/** A region being filled in any order, to be sorted at the end. */
export class RegionWriter {
  readonly region: Region;
  private at = 0;

  constructor(region: Region) {
    this.region = region;
  }

  /** Offset of the next record; the caller writes label and payload. */
  next(): number {
    const start = this.at;
    this.at += this.region.stride;
    return start;
  }

  /** Fill what is left with random records, like all others to whoever has no key, and sort. */
  finish(): void {
    const rest = this.region.bytes.subarray(this.at);
    rest.set(randomBytes(rest.length));
    sortRegion(this.region);
  }
}

/** Writes posting lists as records of an index. */
export class ListWriter {
  private readonly rows: number;
  private readonly small: RegionWriter;
  private readonly large: RegionWriter;
  private readonly plain: Uint32Array;
  private readonly stream: Uint8Array;
  private readonly streamView: DataView;
  /** The stream’s beginning: enough for a small record, and a view that short lists share. */
  private readonly head: Uint8Array;
  private readonly proofs: ProofWriter | undefined;

  constructor({ rows, small, large }: ParsedIndex, proofs?: ProofWriter) {
    this.rows = rows;
    this.proofs = proofs;
    this.small = new RegionWriter(small);
    this.large = new RegionWriter(large);
    // No list is longer than a bitmap.
    const longest = Math.max(HEAD_BYTES, listBytes(layoutOf(rows, rows)));
    this.plain = new Uint32Array(longest / 4);
    this.stream = new Uint8Array(longest);
    this.streamView = new DataView(this.stream.buffer);
    this.head = this.stream.subarray(0, HEAD_BYTES);
  }

  /** Index list[from, to), ascending and not empty, under its keyword's token, not used before. */
  write(token: Uint8Array, list: Uint32Array, from: number, to: number): void {
    const { plain, streamView } = this;
    const layout = layoutOf(to - from, this.rows);
    const size = listBytes(layout);
    fillKeystream(token, size <= HEAD_BYTES ? this.head : this.stream.subarray(0, size));
    plain.fill(0, 0, size / 4);
    plain[0] = to - from;
    encodePosting(list, from, to, this.rows, plain, COUNT_WORDS);
    let word = 0;
    for (let record = 0, at = 0; at < size; record++) {
      const bytes = recordBytes(layout, record);
      const writer = bytes === SMALL_RECORD ? this.small : this.large;
      const { view } = writer.region;
      let target = writer.next();
      const payload = at + LABEL_BYTES;
      const end = at + bytes;
      for (; at < payload; at += 4, target += 4) {
        view.setUint32(target, streamView.getUint32(at, true), true);
      }
      for (; at < end; at += 4, target += 4) {
        view.setUint32(target, streamView.getUint32(at, true) ^ plain[word++]!, true);
      }
    }
    const label = this.stream.subarray(0, LABEL_BYTES);
    this.proofs?.add(token, label, wordBytes(plain.subarray(0, word)));
  }

  finish(): void {
    this.small.finish();
    this.large.finish();
    this.plain.fill(0);
    wipe(this.stream);
  }
}
