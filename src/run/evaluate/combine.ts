import { discard } from '../../bytes/discard.ts';
import type {
  AggregateReply,
  AggregateWork,
  OutputSpec,
  SparseCounts,
} from '../../plan/fragment.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { productParameters } from '../../params/presets.ts';
import type { Ring } from '../../ring/ring.ts';
import type { PartialGroup } from './aggregate.ts';
import type { RawSample } from './masked-sum.ts';
import { switchProduct } from './switch-product.ts';
import { addSparse, NO_COUNTS } from './tally.ts';

/** The size of the rings that samples are of, by the kind of output. */
export type SampleShapes = Readonly<Record<OutputSpec['kind'], Pick<Ring, 'n' | 'moduli'>>>;
export type SampleRings = Readonly<Record<OutputSpec['kind'], Ring>>;

interface Total {
  readonly key: readonly number[];
  readonly counts: number[];
  tallies: SparseCounts;
  readonly sums: (RawSample | undefined)[];
}

/** Adds up the partial results of segments, in any order, at full modulus. */
export class PartialSum {
  private readonly totals = new Map<string, Total>();
  private readonly shapes: SampleShapes;
  private readonly work: AggregateWork;

  constructor(shapes: SampleShapes, work: AggregateWork) {
    this.shapes = shapes;
    this.work = work;
  }

  /**
   * Takes the samples over: none of them is to be read by the caller again.
   * @throws GROUP_LIMIT when the groups of all segments together are too many.
   */
  add(groups: readonly PartialGroup[]): void {
    for (const group of groups) {
      const id = group.key.join(',');
      let total = this.totals.get(id);
      if (total === undefined) {
        if (this.totals.size >= this.work.maxGroups) {
          throw new OpalineError('GROUP_LIMIT', {
            groups: this.totals.size + 1,
            limit: this.work.maxGroups,
          });
        }
        total = {
          key: group.key,
          counts: group.counts.map(() => 0),
          tallies: NO_COUNTS,
          sums: this.work.outputs.map(() => undefined),
        };
        this.totals.set(id, total);
      }
      group.counts.forEach((count, i) => (total.counts[i]! += count));
      total.tallies = addSparse(total.tallies, group.tallies);
      for (const { output, sample } of group.sums) {
        const sum = total.sums[output];
        if (sum === undefined) {
          total.sums[output] = sample;
        } else {
          addInto(sum, sample, this.shapes[this.work.outputs[output]!.kind].moduli);
          discard(sample.a);
        }
      }
    }
  }

  /** The sum so far, itself a partial result. */
  groups(): PartialGroup[] {
    return [...this.totals.values()].map(({ key, counts, tallies, sums }) => ({
      key,
      counts,
      tallies,
      sums: sums.flatMap((sample, output) => (sample === undefined ? [] : [{ output, sample }])),
    }));
  }
}

/** Adds up partial results into the reply. */
export class Combiner {
  private readonly sum: PartialSum;
  private readonly rings: SampleRings;
  private readonly work: AggregateWork;

  constructor(rings: SampleRings, work: AggregateWork) {
    this.sum = new PartialSum(rings, work);
    this.rings = rings;
    this.work = work;
  }

  /** As `PartialSum.add`. */
  add(groups: readonly PartialGroup[]): void {
    this.sum.add(groups);
  }

  /** Every sample switched down to the limbs its output asks for. */
  finish(): AggregateReply {
    const { work, rings } = this;
    const zero = (output: number): RawSample => {
      const { b, a } = sampleShape(rings, work, output)!;
      return { b: new Uint32Array(b), a: new Uint32Array(a) };
    };
    const groups = this.sum.groups().map(({ key, counts, tallies, sums }) => {
      const found = new Map(sums.map(({ output, sample }) => [output, sample]));
      return {
        key,
        counts,
        tallies,
        sums: work.outputs.map(({ kind, limbs }, i) => {
          const sample = found.get(i) ?? zero(i);
          return kind === 'product'
            ? switchProducts(rings.product, sample, limbs)
            : switchDown(rings[kind], sample, limbs);
        }),
      };
    });
    return { groups };
  }
}

/** Residues that a full-modulus sample of an output has; undefined where there is no such output. */
export function sampleShape(
  shapes: SampleShapes,
  { outputs }: AggregateWork,
  output: number,
): { b: number; a: number } | undefined {
  const kind = outputs[output]?.kind;
  if (kind === undefined) return undefined;
  const { n, moduli } = shapes[kind];
  const words = moduli.length * n;
  return kind === 'product' ? { b: 0, a: 3 * words } : { b: moduli.length, a: words };
}

function addInto(sum: RawSample, more: RawSample, moduli: readonly number[]): void {
  const [to, from] = [sum.a, more.a];
  sum.b.forEach((residue, limb) => {
    sum.b[limb] = (residue + more.b[limb]!) % moduli[limb]!;
  });
  // One polynomial after the other, each limb after limb.
  const polynomials = sum.b.length === 0 ? 3 : 1;
  const n = to.length / (polynomials * moduli.length);
  for (let first = 0, limb = 0; first < to.length; first += n, limb = (limb + 1) % moduli.length) {
    const prime = moduli[limb]!;
    for (let i = first; i < first + n; i++) {
      const value = to[i]! + from[i]!;
      to[i] = value >= prime ? value - prime : value;
    }
  }
}

/** The same for the three polynomials of a sum of products. */
function switchProducts(ring: Ring, { a, b }: RawSample, limbs: number): SwitchedSample {
  requireLimbs(ring, limbs);
  const { plainPrimes } = productParameters();
  const words = a.length / 3;
  const switched = new Uint32Array(3 * limbs * ring.n);
  for (let i = 0; i < 3; i++) {
    const polynomial = a.subarray(i * words, (i + 1) * words);
    switched.set(switchProduct(ring, plainPrimes, polynomial, limbs), i * limbs * ring.n);
  }
  return { limbs, b, a: switched };
}

interface SwitchedSample extends RawSample {
  readonly limbs: number;
}

function requireLimbs(ring: Ring, limbs: number): void {
  if (limbs >= 1 && limbs <= ring.moduli.length) return;
  throw new OpalineError('BYTES_INVALID', {
    what: 'a query fragment',
    reason: 'a reply of so many limbs does not exist',
  });
}

function switchDown(ring: Ring, sample: RawSample, limbs: number): SwitchedSample {
  requireLimbs(ring, limbs);
  if (limbs === ring.moduli.length) return { limbs, ...sample };
  const a = reduceLimbs(ring, sample.a, limbs);
  discard(sample.a);
  return { limbs, b: reduceLimbs(ring, sample.b, limbs), a };
}

function reduceLimbs(ring: Ring, residues: Uint32Array, limbs: number): Uint32Array {
  const span = ring.allocate(residues.length);
  const words = residues.length / ring.moduli.length;
  try {
    ring.view(span).set(residues);
    for (let left = ring.moduli.length; left > limbs; left--) {
      ring.modulusSwitch(ring.slice(span, 0, left * words), left);
    }
    return ring.view(span).slice(0, limbs * words);
  } finally {
    ring.release(span);
  }
}
