import { equalBytes } from '../../bytes/compare.ts';
import { isOpalineError, OpalineError } from '../../errors/opaline-error.ts';
import { againstStanding } from '../../policy/decide.ts';
import type { Reason } from '../../policy/verdict.ts';
import type { Computed, Settled, Step } from './cases.ts';
import { requireUnfrozen } from './frozen.ts';
import { assessmentOf, denied } from './may.ts';
import { requireCertified, requireShape } from './tool.ts';
import { liveSubjects } from './whose.ts';
import { isCurrent } from './who.ts';

/** Consent was withdrawn, or ended, while its rows were computed on: the request begins anew without them. */
export class ConsentEnded extends Error {
  override readonly name = 'ConsentEnded';
}

/**
 * Step 8, verify, re-check, release: no incident was opened meanwhile, no answer of the store has failed to verify, who
 * asked is not revoked, the policy is still that by which it was allowed, attestations, assessment and purpose have not
 * ended, a tool is still certified, and everybody's consent is still in force; an approval is used up; then the guard says
 * what may leave. It may take its time over that, and whether something was cut off meanwhile is looked at once more.
 * @throws DENIED, GATE_UNAUTHORIZED, RELEASES_FROZEN, ConsentEnded
 */
export const settled: Step<Computed, Settled> = async (computed, { governance, tables }) => {
  const { ask, principal, policy, purpose, consent, reviewed, release, approval } = computed;
  const checked = governance.now();
  await tables.requireOpen();
  await requireUnfrozen(governance);
  const now = await governance.principal(principal.name);
  if (now === undefined || !isCurrent(now, checked)) {
    throw new OpalineError('GATE_UNAUTHORIZED', {});
  }
  const inForce = await governance.policy();
  if (!equalBytes(inForce.digest, policy.digest)) {
    throw new OpalineError('DENIED', { reason: 'the policy was replaced meanwhile; ask again' });
  }
  const against: readonly Reason[] = [
    ...againstStanding(inForce.document, now, {
      now: checked,
      attestations: await governance.attestations(),
      officers: inForce.officers,
      assessment: await assessmentOf(inForce.document, governance),
    }),
    ...(purpose.expires !== null && !(checked < Date.parse(purpose.expires))
      ? [{ kind: 'purpose-expired', purpose: ask.purpose } as const]
      : []),
  ];
  if (against.length > 0) throw denied(against);
  await requireCertified(now, policy, governance);
  const live = await liveSubjects(governance, ask.purpose, purpose, checked);
  if (consent.live !== undefined) {
    for (const subject of consent.live) if (live?.has(subject) !== true) throw new ConsentEnded();
  }
  if (approval !== undefined) await governance.useApproval(approval.request);
  const result = await reviewed.settle(release);
  requireShape(computed.query, result);
  // To judge an answer, and to pad its time, may take a while.
  await requireCertified(now, policy, governance);
  await requireUnfrozen(governance);
  return { ...computed, result, checked };
};

/** Whether a failure is the store's table having changed under a request, which is then made anew. */
export function isRaced(error: unknown): boolean {
  return (
    error instanceof ConsentEnded ||
    isOpalineError(error, 'EPOCH_CONFLICT') ||
    isOpalineError(error, 'PART_MISSING')
  );
}
