import { OpalineError } from '../../errors/opaline-error.ts';
import {
  CUBIC_CONSTANTS,
  type ScoredSegment,
  type ScoresWork,
  type SegmentScores,
} from '../../plan/fragment-scores.ts';
import type { Accumulator, Ring, Span } from '../../ring/ring.ts';
import { packPolynomials } from '../../table/column-part.ts';
import type { ProductLease } from './product-sum.ts';

/** Columns whose weights are held at once, 0.2 MB each. */
const COLUMNS_AT_ONCE = 16;

/**
 * The encrypted scores of a segment's rows, chunk by chunk: rows are slots, so that a whole number times
 * a ciphertext multiplies every row of the chunk. A linear score is a multiply-accumulate in evaluation
 * form. Of a cubic the tensor products are left as they are, without relinearisation: four polynomials,
 * which the owner decrypts with s, s² and s³. Both are then switched to fewer limbs.
 *
 * @param rows of the filter, ascending
 * @param lease in the order asked for, at most `mostColumns` at once
 * @throws BYTES_INVALID for constants or limbs that do not fit the ring
 */
export async function scoreRows(
  ring: Ring,
  segment: string,
  rows: Uint32Array,
  work: ScoresWork,
  share: SegmentScores,
  mostColumns: number,
  lease: (columns: readonly number[]) => Promise<ProductLease>,
): Promise<ScoredSegment> {
  checkShare(ring, work, share);
  const { columns } = share;
  const numbers = chunksOf(rows, ring.n / 2);
  if (numbers.length === 0) return { segment, rows, chunks: [] };
  using scorer = new ChunkScorer(ring, work, share);
  const chunks: Uint8Array[] = [];
  // Where not all columns fit in the memory at once, what they have added up to so far.
  const partial = new Map<number, Uint32Array>();
  const width = Math.max(1, Math.min(COLUMNS_AT_ONCE, mostColumns));
  for (let first = 0; first < columns.length; first += width) {
    const leased = await lease(columns.slice(first, first + width));
    try {
      scorer.load(first, leased.columns.length);
      const isLast = first + width >= columns.length;
      for (const chunk of numbers) {
        const ciphertexts = leased.columns.map((column) => column.at(chunk));
        scorer.add(ciphertexts, partial.get(chunk));
        if (isLast) chunks.push(scorer.finish());
        else partial.set(chunk, scorer.sum());
      }
    } finally {
      leased.release();
    }
  }
  return { segment, rows, chunks };
}

/** The chunks that rows lie in, ascending. */
function chunksOf(rows: Uint32Array, size: number): number[] {
  const out: number[] = [];
  for (const row of rows) {
    const chunk = Math.floor(row / size);
    if (chunk !== out.at(-1)) out.push(chunk);
  }
  return out;
}

function checkShare(
  { moduli }: Ring,
  { degree, limbs }: ScoresWork,
  { columns, constants }: SegmentScores,
): void {
  const count = columns.length + (degree === 3 ? CUBIC_CONSTANTS : 0);
  const fits =
    limbs >= 1 &&
    limbs <= moduli.length &&
    columns.length > 0 &&
    constants.length === count * moduli.length &&
    constants.every((residue, i) => residue < moduli[i % moduli.length]!);
  if (fits) return;
  throw new OpalineError('BYTES_INVALID', {
    what: 'a query fragment',
    reason: 'its model does not fit the ring',
  });
}

/** One chunk's score at a time. */
export class ChunkScorer implements Disposable {
  private readonly ring: Ring;
  private readonly work: ScoresWork;
  private readonly share: SegmentScores;
  private readonly words: number;
  private readonly lanes: readonly [Accumulator, Accumulator, Accumulator, Accumulator];
  /** Weights in evaluation form, where a constant is the same residue everywhere. */
  private readonly weights: Span;
  private readonly cubic: Cubic | undefined;
  /** c0 and c1 of the sum. */
  private readonly y: Span;
  private readonly out: Span;

  constructor(ring: Ring, work: ScoresWork, share: SegmentScores) {
    const words = ring.moduli.length * ring.n;
    const lane = (): Accumulator => ring.accumulator(ring.moduli.length);
    this.ring = ring;
    this.work = work;
    this.share = share;
    this.words = words;
    this.lanes = [lane(), lane(), lane(), lane()];
    this.weights = ring.allocate(Math.min(COLUMNS_AT_ONCE, share.columns.length) * words);
    this.y = ring.allocate(2 * words);
    this.out = ring.allocate(words);
    if (work.degree === 1) return;
    const span = ring.allocate((CUBIC_CONSTANTS + 4) * words);
    const at = (i: number): Span => ring.slice(span, i * words, words);
    const [added, square, itself] = [at(0), at(1), at(2)];
    [added, square, itself].forEach((one, i) => this.fill(one, share.columns.length + i));
    this.cubic = { span, added, square, itself, squares: [at(3), at(4), at(5)], factor: at(6) };
  }

  /** The weights of `count` columns from `first` on. */
  load(first: number, count: number): void {
    for (let i = 0; i < count; i++) this.fill(this.weight(i), first + i);
  }

  /** y = Σ of weights times ciphertexts, and of what there was before. */
  add(ciphertexts: readonly Span[], before: Uint32Array | undefined): void {
    const { ring, words } = this;
    for (const j of [0, 1]) {
      const lane = this.lanes[j]!;
      const part = this.part(j);
      ring.clear(lane);
      if (before !== undefined) {
        ring.view(part).set(before.subarray(j * words, (j + 1) * words));
        ring.addPolynomials(lane, part, 1, 0);
      }
      ciphertexts.forEach((ciphertext, i) => {
        const polynomial = ring.slice(ciphertext, j * words, words);
        ring.multiplyAccumulate(lane, polynomial, this.weight(i));
      });
      ring.reduce(lane, part);
    }
  }

  sum(): Uint32Array {
    return this.ring.view(this.y).slice();
  }

  /** The score's polynomials, switched and packed. */
  finish(): Uint8Array {
    const { ring, lanes, cubic } = this;
    if (cubic === undefined) return this.pack([0, 1], (j) => this.copy(this.part(j)));
    const [y0, y1] = [this.part(0), this.part(1)];
    ring.add(y0, y0, cubic.added);
    const three = [lanes[0], lanes[1], lanes[2]] as const;
    for (const lane of lanes) ring.clear(lane);
    ring.tensorAccumulate(three, this.y, this.y, 1, 0);
    three.forEach((lane, j) => ring.reduce(lane, cubic.squares[j]!));
    for (const lane of lanes) ring.clear(lane);
    // y²·(y + B2) + B1·y.
    ring.add(cubic.factor, y0, cubic.square);
    cubic.squares.forEach((square, j) => {
      ring.multiplyAccumulate(lanes[j]!, square, cubic.factor);
      ring.multiplyAccumulate(lanes[j + 1]!, square, y1);
    });
    ring.multiplyAccumulate(lanes[0], y0, cubic.itself);
    ring.multiplyAccumulate(lanes[1], y1, cubic.itself);
    return this.pack([0, 1, 2, 3], (j) => ring.reduce(lanes[j]!, this.out));
  }

  [Symbol.dispose](): void {
    for (const lane of this.lanes) this.ring.releaseAccumulator(lane);
    for (const span of [this.weights, this.y, this.out]) this.ring.release(span);
    if (this.cubic !== undefined) this.ring.release(this.cubic.span);
  }

  private part(j: number): Span {
    return this.ring.slice(this.y, j * this.words, this.words);
  }

  private weight(i: number): Span {
    return this.ring.slice(this.weights, i * this.words, this.words);
  }

  /** A constant polynomial has its value in every place. */
  private fill(span: Span, constant: number): void {
    const { n, moduli } = this.ring;
    const view = this.ring.view(span);
    moduli.forEach((_, limb) => {
      const residue = this.share.constants[constant * moduli.length + limb]!;
      view.fill(residue, limb * n, (limb + 1) * n);
    });
  }

  private copy(span: Span): void {
    const { ring } = this;
    ring.view(this.out).set(ring.view(span));
  }

  private pack(which: readonly number[], write: (j: number) => void): Uint8Array {
    const { ring, work } = this;
    const { n, moduli } = ring;
    const primes = moduli.slice(0, work.limbs);
    const words = primes.length * n;
    const polynomials = which.map((j) => {
      write(j);
      ring.inverseNtt(this.out);
      for (let left = moduli.length; left > work.limbs; left--) {
        ring.modulusSwitch(ring.slice(this.out, 0, left * n), left);
      }
      return ring.view(this.out).slice(0, words);
    });
    return packPolynomials({ n, primes }, polynomials);
  }
}

/** What a cubic takes besides. */
interface Cubic {
  readonly span: Span;
  readonly added: Span;
  readonly square: Span;
  readonly itself: Span;
  /** The three polynomials of y². */
  readonly squares: readonly [Span, Span, Span];
  /** c0 of y + B2. */
  readonly factor: Span;
}
