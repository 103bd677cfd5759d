import { OpalineError } from '../../errors/opaline-error.ts';
import type { Approved, Safe, Step } from './cases.ts';

/**
 * Step 5, who approves: as many distinct people as the purpose asks for, none of them the one who asks, have signed
 * this very request. Of what they approved one answer leaves, in step 8.
 * @throws APPROVAL_NEEDED naming the request's hash
 */
export const approved: Step<Safe, Approved> = async (safe, { governance }) => {
  const { ask, principal, purpose, policy } = safe;
  const needed = purpose.approvals;
  if (needed === 0) return { ...safe, approvers: [] };
  const { request, approvers, evidence } = await governance.approvals({
    principal: principal.name,
    purpose: ask.purpose,
    sql: ask.sql,
    parameters: ask.parameters,
    policy: policy.digest,
  });
  const others = [...new Set(approvers)].filter((name) => name !== principal.name);
  if (others.length < needed) {
    throw new OpalineError('APPROVAL_NEEDED', { request, given: others.length, needed });
  }
  return { ...safe, approvers: others, approval: { request, ...evidence } };
};
