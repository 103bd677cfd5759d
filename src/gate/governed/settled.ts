import { equalBytes } from '../../bytes/compare.ts';
import { isOpalineError, OpalineError } from '../../errors/opaline-error.ts';
import type { Computed, Settled, Step } from './cases.ts';
import { requireUnfrozen } from './frozen.ts';
import { liveSubjects } from './whose.ts';
import { isCurrent } from './who.ts';

/** Consent was withdrawn, or ended, while its rows were computed on: the request begins anew without them. */
export class ConsentEnded extends Error {
  override readonly name = 'ConsentEnded';
}

/**
 * Step 8, verify, re-check, release: no incident was opened meanwhile, who asked is not revoked, the policy is still that by which it was allowed,
 * and everybody's consent is still in force; then the guard says what may leave.
 * @throws DENIED, GATE_UNAUTHORIZED, ConsentEnded
 */
export const settled: Step<Computed, Settled> = async (computed, { governance }) => {
  const { ask, principal, policy, purpose, consent, reviewed, release } = computed;
  await requireUnfrozen(governance);
  const now = await governance.principal(principal.name);
  if (now === undefined || !isCurrent(now, governance.now())) {
    throw new OpalineError('GATE_UNAUTHORIZED', {});
  }
  const inForce = await governance.policy();
  if (!equalBytes(inForce.digest, policy.digest)) {
    throw new OpalineError('DENIED', { reason: 'the policy was replaced meanwhile; ask again' });
  }
  const live = await liveSubjects(governance, ask.purpose, purpose);
  if (consent.live !== undefined) {
    for (const subject of consent.live) if (live?.has(subject) !== true) throw new ConsentEnded();
  }
  const result = await reviewed.settle(release);
  // To judge an answer, and to pad its time, may take a while.
  await requireUnfrozen(governance);
  return { ...computed, result };
};

/** Whether a failure is the store's table having changed under a request, which is then made anew. */
export function isRaced(error: unknown): boolean {
  return (
    error instanceof ConsentEnded ||
    isOpalineError(error, 'EPOCH_CONFLICT') ||
    isOpalineError(error, 'PART_MISSING')
  );
}
