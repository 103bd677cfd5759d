import { OpalineError } from '../../errors/opaline-error.ts';
import type { Principal } from '../../policy/principal.ts';
import type { Ask, Identified, Step } from './cases.ts';

/**
 * Step 1, who: the principal whose token it is. A token that is unknown, revoked or expired is refused in the
 * same words, so that none of them tells of somebody else.
 * @throws GATE_UNAUTHORIZED
 */
export const who: Step<Ask, Identified> = async (ask, { governance }) => {
  const principal = await governance.principalOfToken(ask.token);
  if (principal === undefined || !isCurrent(principal, governance.now())) {
    throw new OpalineError('GATE_UNAUTHORIZED', {});
  }
  return { ask, principal };
};

/** Whether a principal may ask at all now. */
export function isCurrent({ revoked, expires }: Principal, now: number): boolean {
  return !revoked && (expires === null || now < expires);
}
