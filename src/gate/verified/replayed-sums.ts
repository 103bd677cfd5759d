import type { AggregateReply, AggregateWork, Fragment, GroupReply } from '../../plan/fragment.ts';

/** A fragment's outputs that carry no check; undefined: every one does. */
export function onlyReplayed(fragment: Fragment, work: AggregateWork): Fragment | undefined {
  const kept = replayedOutputs(work);
  if (kept.length === 0) return undefined;
  const places = new Map(kept.map((output, i) => [output, i]));
  return {
    ...fragment,
    work: { ...work, tallies: 0, outputs: kept.map((output) => work.outputs[output]!) },
    segments: fragment.segments.map((share) => ({
      ...share,
      tallies: [],
      sums: share.sums.flatMap((sum) => {
        const output = places.get(sum.output);
        return output === undefined ? [] : [{ ...sum, output }];
      }),
    })),
  };
}

/** Whether those outputs are the same, residue by residue, of groups in one order. */
export function equalSamples(
  work: AggregateWork,
  groups: AggregateReply['groups'],
  again: readonly GroupReply[],
): boolean {
  const kept = replayedOutputs(work);
  const same = (a: Uint32Array, b: Uint32Array): boolean =>
    a.length === b.length && a.every((word, i) => word === b[i]);
  return groups.every(({ sums }, g) =>
    kept.every((output, i) => {
      const [one, other] = [sums[output]!, again[g]!.sums[i]!];
      return one.limbs === other.limbs && same(one.a, other.a) && same(one.b, other.b);
    }),
  );
}

function replayedOutputs({ outputs }: Pick<AggregateWork, 'outputs'>): number[] {
  return outputs.flatMap(({ kind }, output) => (kind === 'product' ? [output] : []));
}
