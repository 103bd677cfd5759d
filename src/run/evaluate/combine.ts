import type { AggregateReply, AggregateWork, SparseCounts } from '../../plan/fragment.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { Ring } from '../../ring/ring.ts';
import type { PartialGroup } from './aggregate.ts';
import type { RawSample } from './masked-sum.ts';
import { addSparse, NO_COUNTS } from './tally.ts';

interface Total {
  readonly key: readonly number[];
  readonly counts: number[];
  tallies: SparseCounts;
  readonly sums: (RawSample | undefined)[];
}

/** Adds up the partial results of segments, in any order, at full modulus. */
export class PartialSum {
  private readonly totals = new Map<string, Total>();
  private readonly work: AggregateWork;
  private readonly moduli: readonly number[];

  constructor(work: AggregateWork, moduli: readonly number[]) {
    this.work = work;
    this.moduli = moduli;
  }

  /** @throws GROUP_LIMIT when the groups of all segments together are too many. */
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
        if (sum === undefined) total.sums[output] = sample;
        else addInto(sum, sample, this.moduli);
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
  private readonly ring: Ring;
  private readonly work: AggregateWork;

  constructor(ring: Ring, work: AggregateWork) {
    this.sum = new PartialSum(work, ring.moduli);
    this.ring = ring;
    this.work = work;
  }

  /** @throws GROUP_LIMIT */
  add(groups: readonly PartialGroup[]): void {
    this.sum.add(groups);
  }

  /** Every sample switched down to the limbs its output asks for. */
  finish(): AggregateReply {
    const zero = (): RawSample => ({
      b: new Uint32Array(this.ring.moduli.length),
      a: new Uint32Array(this.ring.moduli.length * this.ring.n),
    });
    const groups = this.sum.groups().map(({ key, counts, tallies, sums }) => {
      const found = new Map(sums.map(({ output, sample }) => [output, sample]));
      return {
        key,
        counts,
        tallies,
        sums: this.work.outputs.map((output, i) =>
          switchDown(this.ring, found.get(i) ?? zero(), output.limbs),
        ),
      };
    });
    return { groups };
  }
}

function addInto(sum: RawSample, more: RawSample, moduli: readonly number[]): void {
  const [to, from] = [sum.a, more.a];
  const n = to.length / moduli.length;
  moduli.forEach((prime, limb) => {
    sum.b[limb] = (sum.b[limb]! + more.b[limb]!) % prime;
    const end = (limb + 1) * n;
    for (let i = limb * n; i < end; i++) {
      const value = to[i]! + from[i]!;
      to[i] = value >= prime ? value - prime : value;
    }
  });
}

function switchDown(
  ring: Ring,
  sample: RawSample,
  limbs: number,
): { limbs: number; b: Uint32Array; a: Uint32Array } {
  const from = ring.moduli.length;
  if (limbs === from) return { limbs, ...sample };
  if (limbs < 1 || limbs > from) {
    throw new OpalineError('BYTES_INVALID', {
      what: 'a query fragment',
      reason: 'a reply of so many limbs does not exist',
    });
  }
  return { limbs, b: reduceLimbs(ring, sample.b, limbs), a: reduceLimbs(ring, sample.a, limbs) };
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
