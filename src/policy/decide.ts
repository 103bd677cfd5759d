import type { AssessmentStatus } from './assessment/record.ts';
import { type Attestation, isAttested } from './attestation.ts';
import type { Operation, PolicyDocument, Purpose, Rule } from './document.ts';
import { isWithin, type Use, usedOf } from './limit.ts';
import { isMeant, type Principal } from './principal.ts';
import type { Reason, Verdict } from './verdict.ts';

/** What somebody asks for, as the plan of the query tells it. */
export interface PolicyRequest {
  /** Undefined where nobody was authenticated. */
  readonly principal: Principal | undefined;
  readonly purpose: string;
  readonly table: string;
  readonly operation: Operation;
  /** Every column that the query names, wherever: selected, filtered by, grouped by, ordered by. */
  readonly fields: readonly string[];
  /** Cells of the result, at most. */
  readonly cells: number;
}

/** What is known beside policy and request. All of it is the caller's to look up; nothing here reads a clock. */
export interface PolicyFacts {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Queries of this principal for this purpose, one each. */
  readonly queries: readonly Use[];
  /** Cells that were released to this principal for this purpose. */
  readonly cells: readonly Use[];
  readonly attestations: readonly Attestation[];
  /** Ed25519 public keys of those who may attest. */
  readonly officers: readonly Uint8Array[];
  /** Of the data; undefined: of a policy that requires it that is against it. */
  readonly assessment?: AssessmentStatus | undefined;
}

/**
 * Whether a policy lets a request through. Denied unless a rule allows it and nothing stands against it; a rule
 * that forbids wins over any that allows. Every reason is given, not the first alone.
 */
export function decide(
  policy: PolicyDocument,
  request: PolicyRequest,
  facts: PolicyFacts,
): Verdict {
  const { principal } = request;
  if (principal === undefined) return refused([{ kind: 'principal-unknown' }]);
  const purpose = Object.hasOwn(policy.purposes, request.purpose)
    ? policy.purposes[request.purpose]
    : undefined;
  const reasons = [
    ...againstStanding(policy, principal, facts),
    ...(purpose === undefined
      ? [{ kind: 'purpose-unknown', purpose: request.purpose } as const]
      : againstPurpose(purpose, request, facts)),
  ];
  let allowedBy: number | undefined;
  for (const [i, rule] of policy.rules.entries()) {
    if (!applies(rule, request, principal)) continue;
    if (rule.effect === 'forbid') reasons.push({ kind: 'forbidden', rule: i });
    else allowedBy ??= i;
  }
  if (allowedBy === undefined) reasons.push({ kind: 'not-allowed', operation: request.operation });
  if (allowedBy === undefined || reasons.length > 0) return refused(reasons);
  return { allowed: true, rule: allowedBy };
}

/** What of the facts ends with time, and is looked at again before a release. */
export type Standing = Pick<PolicyFacts, 'now' | 'attestations' | 'officers' | 'assessment'>;

/** What stands against a principal and the data themselves, whatever is asked: nothing where they are in good standing. */
export function againstStanding(
  policy: PolicyDocument,
  principal: Principal,
  standing: Standing,
): Reason[] {
  return [...againstPrincipal(policy, principal, standing), ...againstAssessment(policy, standing)];
}

function againstPrincipal(
  policy: PolicyDocument,
  principal: Principal,
  { now, attestations, officers }: Standing,
): Reason[] {
  const reasons: Reason[] = [];
  if (principal.revoked) reasons.push({ kind: 'principal-revoked' });
  if (principal.expires !== null && !(now < principal.expires)) {
    reasons.push({ kind: 'principal-expired' });
  }
  if (principal.kind !== 'staff') return reasons;
  for (const attestation of policy.attestations) {
    if (isAttested(principal.name, attestation, attestations, officers, now)) continue;
    reasons.push({ kind: 'attestation-missing', attestation });
  }
  return reasons;
}

function againstAssessment(
  policy: PolicyDocument,
  { assessment }: Pick<PolicyFacts, 'assessment'>,
): Reason[] {
  if (policy.assessment === undefined || assessment?.current === true) return [];
  return [{ kind: 'not-assessed', why: assessment?.reason ?? { kind: 'none' } }];
}

function againstPurpose(
  purpose: Purpose,
  request: PolicyRequest,
  { now, queries, cells }: PolicyFacts,
): Reason[] {
  const reasons: Reason[] = [];
  if (purpose.expires !== null && !(now < Date.parse(purpose.expires))) {
    reasons.push({ kind: 'purpose-expired', purpose: request.purpose });
  }
  if (purpose.table !== request.table) {
    reasons.push({ kind: 'table-of-another-purpose', table: request.table });
  }
  const unnecessary = request.fields.filter((field) => !purpose.fields.includes(field));
  if (unnecessary.length > 0) reasons.push({ kind: 'not-necessary', fields: unnecessary });
  const { quota, derived } = purpose;
  if (!isWithin(quota, queries, 1, now)) {
    reasons.push({ kind: 'quota', ...quota, used: usedOf(quota, queries, now) });
  }
  if (!isWithin(derived, cells, request.cells, now)) {
    reasons.push({ kind: 'derived', ...derived, used: usedOf(derived, cells, now) });
  }
  return reasons;
}

/** Whether a rule speaks of a request. One that allows must cover all of its columns; one that forbids, any. */
function applies(rule: Rule, request: PolicyRequest, principal: Principal): boolean {
  const { fields: covered } = rule;
  return (
    rule.principals.some((selector) => isMeant(selector, principal)) &&
    rule.purposes.some((name) => name === '*' || name === request.purpose) &&
    rule.operations.includes(request.operation) &&
    (covered === undefined ||
      (rule.effect === 'allow'
        ? request.fields.every((field) => covered.includes(field))
        : request.fields.some((field) => covered.includes(field))))
  );
}

function refused(reasons: readonly Reason[]): Verdict {
  return { allowed: false, reasons };
}
