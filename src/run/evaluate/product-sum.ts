import type { SegmentSum } from '../../plan/fragment.ts';
import type { Accumulator, Ring, Span } from '../../ring/ring.ts';
import type { RowSet } from '../../table/row-set.ts';
import { ChunkRows } from './chunk-rows.ts';
import type { Partition } from './groups.ts';
import type { RawSample } from './masked-sum.ts';
import type { Rings } from './rings.ts';
import type { Selection } from './selection.ts';
import { SlotMasks } from './slot-masks.ts';

/** A column of ciphertexts that can be multiplied, in the ring's memory. */
export interface ProductColumn {
  readonly chunks: number;
  /** `count` ciphertexts from `chunk` on, both polynomials of each in evaluation form. */
  at(chunk: number, count?: number): Span;
}

export interface ProductLease {
  /** In the order asked for. */
  readonly columns: readonly ProductColumn[];
  release(): void;
}

/** A product of two columns that adds to an output. */
type Product = SegmentSum & { readonly times: number };

/** Products that share a chunk's masks; each keeps a chunk's product, 0.7 MB, meanwhile. */
const PRODUCTS_AT_ONCE = 4;
/** Sums in flight at once: 1.4 MB of accumulators each. */
const SUMS_AT_ONCE = 8;

/**
 * The segment's sums of products of columns, per group. Row i of a chunk is slot i, so that a product
 * of ciphertexts multiplies row by row, and their sum, slot by slot, is one ciphertext whatever the
 * number of chunks. Chunk by chunk: nothing where no row counts; the product as it is where all do;
 * else the product times a plaintext of 0 and 1. A chunk's product is made once for all groups.
 */
export async function sumProducts(
  rings: Rings,
  { groups, classes }: Selection,
  mostColumns: number,
  lease: (columns: readonly number[]) => Promise<ProductLease>,
): Promise<{ output: number; sample: RawSample }[][]> {
  const sums: { output: number; sample: RawSample }[][] = groups.keys.map(() => []);
  const width = Math.max(1, Math.min(PRODUCTS_AT_ONCE, Math.floor(mostColumns / 2)));
  for (const { eligible, sums: wanted } of groups.keys.length === 0 ? [] : classes) {
    const products = wanted.filter((sum): sum is Product => sum.times !== undefined);
    for (let first = 0; first < products.length; first += width) {
      const some = products.slice(first, first + width);
      const leased = await lease(some.flatMap(({ column, times }) => [column, times]));
      try {
        const pairs = some.map(({ output }, i) => {
          return { output, x: leased.columns[2 * i]!, y: leased.columns[2 * i + 1]! };
        });
        sumPairs(rings, groups, eligible, pairs, (group, sum) => sums[group]!.push(sum));
      } finally {
        leased.release();
      }
    }
  }
  return sums;
}

interface Pair {
  readonly output: number;
  readonly x: ProductColumn;
  readonly y: ProductColumn;
}

function sumPairs(
  rings: Rings,
  groups: Partition,
  eligible: RowSet,
  pairs: readonly Pair[],
  take: (group: number, sum: { output: number; sample: RawSample }) => void,
): void {
  const ring = rings.product;
  const outputs = [...new Set(pairs.map(({ output }) => output))];
  const perPass = Math.max(1, Math.floor(SUMS_AT_ONCE / outputs.length));
  using masks = new SlotMasks(rings);
  using products = new ChunkProducts(ring, pairs);
  for (let from = 0; from < groups.keys.length; from += perPass) {
    const to = Math.min(groups.keys.length, from + perPass);
    const rows = new ChunkRows(ring.n, eligible, groups.groupOf, from, to);
    const totals = Array.from({ length: to - from }, () => new GroupProducts(ring, outputs));
    try {
      for (let chunk = 0; chunk < pairs[0]!.x.chunks; chunk++) {
        for (const part of rows.at(chunk)) {
          const total = totals[part.group - from]!;
          if (part.count === rows.size(chunk)) total.wholes.push(chunk);
          else total.addMasked(products.of(chunk), masks.of(part.rows()));
        }
      }
      for (const [i, total] of totals.entries()) {
        total.addWholes(pairs);
        for (const sum of total.finish()) take(from + i, sum);
      }
    } finally {
      for (const total of totals) total.release();
    }
  }
}

/** (a0·b0, a0·b1 + a1·b0, a1·b1) of one chunk of each pair, made when first asked for. */
class ChunkProducts implements Disposable {
  private readonly ring: Ring;
  private readonly pairs: readonly Pair[];
  private readonly lanes: ThreeSums;
  private readonly spans: readonly Span[];
  private readonly made: readonly { readonly output: number; readonly polynomials: Span[] }[];
  private chunk = -1;

  constructor(ring: Ring, pairs: readonly Pair[]) {
    const words = ring.moduli.length * ring.n;
    this.ring = ring;
    this.pairs = pairs;
    this.lanes = threeSums(ring);
    this.spans = pairs.map(() => ring.allocate(3 * words));
    this.made = pairs.map(({ output }, i) => ({
      output,
      polynomials: [0, 1, 2].map((j) => ring.slice(this.spans[i]!, j * words, words)),
    }));
  }

  of(chunk: number): ChunkProducts['made'] {
    if (chunk === this.chunk) return this.made;
    const { ring, lanes } = this;
    this.pairs.forEach(({ x, y }, i) => {
      for (const lane of lanes) ring.clear(lane);
      ring.tensorAccumulate(lanes, x.at(chunk), y.at(chunk), 1, 0);
      lanes.forEach((lane, j) => ring.reduce(lane, this.made[i]!.polynomials[j]!));
    });
    this.chunk = chunk;
    return this.made;
  }

  [Symbol.dispose](): void {
    for (const lane of this.lanes) this.ring.releaseAccumulator(lane);
    for (const span of this.spans) this.ring.release(span);
  }
}

type ThreeSums = readonly [Accumulator, Accumulator, Accumulator];

function threeSums(ring: Ring): ThreeSums {
  const make = (): Accumulator => ring.accumulator(ring.moduli.length);
  return [make(), make(), make()];
}

/** One group's sums of products, an output each. */
class GroupProducts {
  /** Chunks of which every row counts, ascending. */
  readonly wholes: number[] = [];
  private readonly ring: Ring;
  private readonly sums: ReadonlyMap<number, ThreeSums>;

  constructor(ring: Ring, outputs: readonly number[]) {
    this.ring = ring;
    this.sums = new Map(outputs.map((output) => [output, threeSums(ring)]));
  }

  addMasked(products: ChunkProducts['made'], mask: Span): void {
    for (const { output, polynomials } of products) {
      this.sums.get(output)!.forEach((sum, j) => {
        this.ring.multiplyAccumulate(sum, polynomials[j]!, mask);
      });
    }
  }

  /** Runs of chunks go through the kernel together. */
  addWholes(pairs: readonly Pair[]): void {
    const { ring, wholes } = this;
    const stride = 2 * ring.moduli.length * ring.n;
    for (let i = 0; i < wholes.length;) {
      const first = wholes[i]!;
      let count = 1;
      while (wholes[i + count] === first + count) count++;
      for (const { output, x, y } of pairs) {
        const sums = this.sums.get(output)!;
        ring.tensorAccumulate(sums, x.at(first, count), y.at(first, count), count, stride);
      }
      i += count;
    }
  }

  /** Three polynomials at full modulus for each output, evaluation form. */
  finish(): { output: number; sample: RawSample }[] {
    const { ring } = this;
    const words = ring.moduli.length * ring.n;
    const span = ring.allocate(words);
    try {
      return [...this.sums].map(([output, sums]) => {
        const a = new Uint32Array(3 * words);
        sums.forEach((sum, j) => {
          ring.reduce(sum, span);
          a.set(ring.view(span), j * words);
        });
        return { output, sample: { b: new Uint32Array(0), a } };
      });
    } finally {
      ring.release(span);
    }
  }

  release(): void {
    for (const sums of this.sums.values()) {
      for (const sum of sums) this.ring.releaseAccumulator(sum);
    }
  }
}
