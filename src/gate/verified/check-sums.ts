import { OpalineError } from '../../errors/opaline-error.ts';
import type { CheckKey } from '../../keys/check-key.ts';
import { CHECK_PRIME, isConsistent } from '../../params/check-field.ts';
import type { AggregateWork, Fragment, GroupReply, SegmentSum } from '../../plan/fragment.ts';
import type { Selection } from '../../run/evaluate/selection.ts';
import { checkBeside } from '../../table/check-columns.ts';
import type { SumOutput } from '../sum-layout.ts';
import type { VerifiedSegment } from './verified-segment.ts';

/** A segment of a fragment, and which of its rows go where. */
export interface SegmentChecks {
  readonly segment: VerifiedSegment;
  readonly selection: Selection;
}

/** Outputs of one fragment (plan/fragment-codec.ts). */
const MOST_OUTPUTS = 4096;

/** The places of the outputs that carry a check: sums of single columns. */
function checkedOutputs({ outputs }: Pick<AggregateWork, 'outputs'>): number[] {
  return outputs.flatMap(({ kind }, output) => (kind === 'product' ? [] : [output]));
}

/**
 * The fragment that asks besides, for each sum of ciphertext columns, for that of the check columns beside them, over the
 * same rows. A check's noise is that of its sum, so it is answered in as many limbs.
 * @throws GROUP_LIMIT for more sums than a store takes at once
 */
export function withTwins(
  fragment: Fragment,
  work: AggregateWork,
  segments: readonly SegmentChecks[],
): Fragment & { readonly work: AggregateWork } {
  const checked = checkedOutputs(work);
  const twins = new Map(checked.map((output, i) => [output, work.outputs.length + i]));
  const outputs = [...work.outputs, ...checked.map((output) => work.outputs[output]!)];
  if (outputs.length > MOST_OUTPUTS) {
    throw new OpalineError('GROUP_LIMIT', { groups: outputs.length, limit: MOST_OUTPUTS });
  }
  return {
    ...fragment,
    work: { ...work, outputs },
    segments: fragment.segments.map((share, i) => ({
      ...share,
      sums: [
        ...share.sums,
        ...share.sums.flatMap(({ output, column, over }): SegmentSum[] => {
          const twin = twins.get(output);
          if (twin === undefined) return [];
          return [{ output: twin, column: numberBeside(segments[i]!.segment, column), over }];
        }),
      ],
    })),
  };
}

/** What a reply is held against. */
export interface ExpectedSums {
  /** As it was without checks. */
  readonly work: AggregateWork;
  readonly segments: readonly SegmentChecks[];
  /** The groups that there are. */
  readonly known: readonly GroupReply[];
  readonly key: CheckKey;
}

/**
 * Σ τ − Σ_S F ≡ α·Σ x mod p for every group and sum of a reply, S being the group's rows as the vault found them.
 *
 * What the store can make of its ciphertexts is a combination Σ b_i·τ_i + Σ c_i·x_i + d of anything that is encrypted under the
 * table's key, for the sum and for the check. The pads F_i are uniform to it, so that the check holds with a chance of
 * 1/p unless the τ of just S are in it, once each; and then, α being uniform, with another 1/p unless the sum is Σ_S x. The
 * bounds of a plan hold its sums to (p − 1)/2 (requireCheckable), so that two that are equal mod p are equal.
 *
 * Custodians of a divided key can add to what they decrypt, and all of them together read x_i and τ_i: of these too the
 * F_i are a one-time pad, so that neither α nor a row's pad follows, and the same holds of what they make.
 *
 * @param opened the message of a group's output, in the order of `known`: a signed sum, then the residues of checks
 */
export function sumsFit(
  { work, segments, known, key }: ExpectedSums,
  opened: (group: number, output: number) => bigint,
): boolean {
  const checked = checkedOutputs(work);
  const pads = padsOf(segments, known, work, key);
  const half = BigInt((CHECK_PRIME - 1) / 2);
  return known.every((_, g) =>
    checked.every((output, i) => {
      const value = opened(g, output);
      const tau = opened(g, work.outputs.length + i);
      if (value > half || value < -half) return false;
      return isConsistent(key.factor, value, tau, pads[g]![output]!);
    }),
  );
}

/**
 * Sums modulo 2^48 that may reach beyond half of the smaller p are not told apart by their checks.
 * @throws OVERFLOW_BOUND
 */
export function requireCheckable(outputs: readonly Pick<SumOutput, 'kind' | 'magnitude'>[]): void {
  const limit = BigInt((CHECK_PRIME - 1) / 2);
  for (const { kind, magnitude } of outputs) {
    if (kind === 'product' || magnitude <= limit) continue;
    throw new OpalineError('OVERFLOW_BOUND', {
      column: 'a verified sum',
      bound: magnitude.toString(),
      limit: limit.toString(),
    });
  }
}

/** Per group and output Σ of the pads, over all segments. */
function padsOf(
  segments: readonly SegmentChecks[],
  known: readonly GroupReply[],
  work: AggregateWork,
  key: CheckKey,
): bigint[][] {
  const checked = new Set(checkedOutputs(work));
  const places = new Map(known.map((group, g) => [group.key.join(), g]));
  const pads = known.map(() => Array.from(work.outputs, () => 0n));
  for (const { segment, selection } of segments) {
    const own = selection.groups.keys.map((one) => places.get(one.join())!);
    for (const { eligible, sums } of selection.classes) {
      for (const { output, column } of sums) {
        if (!checked.has(output)) continue;
        const padded = key.pads({ ...segment.checks.origin, column });
        segment
          .padSums(selection, eligible, column, padded)
          .forEach((pad, g) => (pads[own[g]!]![output]! += pad));
      }
    }
  }
  return pads;
}

function numberBeside({ checks, entry }: VerifiedSegment, column: number): number {
  const beside = checkBeside(checks, column);
  if (beside !== undefined) return beside.number;
  throw new OpalineError('INTERNAL', {
    reason: `column ${column} of segment ${entry.id} has no check column`,
  });
}
