import { equalBytes } from '../../bytes/compare.ts';
import { isOpalineError, OpalineError } from '../../errors/opaline-error.ts';
import type { Computed, Settled, Step } from './cases.ts';
import { requireCertified, requireShape } from './tool.ts';
import { liveSubjects } from './whose.ts';
import { isCurrent } from './who.ts';

/** Consent was withdrawn, or ended, while its rows were computed on: the request begins anew without them. */
export class ConsentEnded extends Error {
  override readonly name = 'ConsentEnded';
}

/**
 * Step 8, verify, re-check, release: who asked is not revoked, the policy is still that by which it was allowed, a
 * tool is still certified, and everybody's consent is still in force; then the guard says what may leave. It may take
 * its time over that, and whether a tool was cut off meanwhile is looked at once more.
 * @throws DENIED, GATE_UNAUTHORIZED, ConsentEnded
 */
export const settled: Step<Computed, Settled> = async (computed, { governance }) => {
  const { ask, principal, policy, purpose, consent, reviewed, release } = computed;
  const now = await governance.principal(principal.name);
  if (now === undefined || !isCurrent(now, governance.now())) {
    throw new OpalineError('GATE_UNAUTHORIZED', {});
  }
  const inForce = await governance.policy();
  if (!equalBytes(inForce.digest, policy.digest)) {
    throw new OpalineError('DENIED', { reason: 'the policy was replaced meanwhile; ask again' });
  }
  await requireCertified(now, policy, governance);
  const live = await liveSubjects(governance, ask.purpose, purpose);
  if (consent.live !== undefined) {
    for (const subject of consent.live) if (live?.has(subject) !== true) throw new ConsentEnded();
  }
  const result = await reviewed.settle(release);
  requireShape(computed.query, result);
  await requireCertified(now, policy, governance);
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
