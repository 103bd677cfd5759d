import { OpalineError } from '../../errors/opaline-error.ts';
import { fuse } from '../../keys/threshold/fuse.ts';
import type { Parameters } from '../../params/parameters.ts';
import { verifyingParameters } from '../../params/presets.ts';
import type { DividedSums } from './custody.ts';
import type { Partials } from './partials.ts';
import { sortedGroups } from './reply-digest.ts';

/**
 * The sums of a reply from the answers of a quorum: each group's outputs, in the reply's order of groups. Nothing but
 * constants and scalars is added up here: there is no key.
 * @throws BYTES_INVALID for an answer of another shape, PARTIALS_INVALID
 */
export function fuseReply(
  parameters: Parameters,
  { reply, rows, verified }: Pick<DividedSums, 'reply' | 'rows' | 'verified'>,
  answers: readonly Partials[],
): bigint[][] {
  const groups = sortedGroups(reply);
  const samples = groups.reduce((sum, group) => sum + group.sums.length, 0);
  if (answers.some(({ scalars }) => scalars.length !== samples)) {
    throw new OpalineError('BYTES_INVALID', {
      what: 'partial decryptions',
      reason: 'not of as many sums as were asked for',
    });
  }
  const checksFrom = verified?.checksFrom ?? Infinity;
  let at = 0;
  const sums = new Map(
    groups.map((group) => {
      const values = group.sums.map(({ b }, output) => {
        const scalars = answers.map((answer) => answer.scalars[at]!);
        at += 1;
        const of = output < checksFrom ? parameters : verifyingParameters(parameters);
        return fuse(of, b, scalars, rows);
      });
      return [group, values] as const;
    }),
  );
  return reply.groups.map((group) => sums.get(group)!);
}
