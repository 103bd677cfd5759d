import { fromHex } from '../../bytes/hex.ts';
import { APPROVER_ROLE, checkApprovals } from '../approval.ts';
import { requestHash } from '../request-hash.ts';
import type { IntentContent } from './entry.ts';
import type { People } from './people.ts';

/**
 * How many distinct people approved a request: staff who may approve and were not revoked, none of whom asks, whose
 * signatures are of this very request. 0 where its hash is of another.
 */
export function approvalsOf(intent: IntentContent, people: People): number {
  const { approval, principal, purpose, sql, parameters, policy, decided } = intent;
  if (approval === undefined) return 0;
  const { nonce, request, signatures } = approval;
  const asked = { nonce, principal, purpose, sql, policy: policy.digest };
  if (requestHash({ ...asked, parameters: JSON.stringify(parameters) }) !== request) return 0;
  const valid = signatures.filter(({ approver, key }) => {
    const person = people.find(approver);
    return (
      person !== undefined &&
      approver !== principal &&
      person.kind === 'staff' &&
      person.roles.includes(APPROVER_ROLE) &&
      person.key === key &&
      !people.isOver(person, decided)
    );
  });
  const approvals = valid.map(({ key, signature }) => ({
    publicKey: fromHex(key, 'a key'),
    signature: fromHex(signature, 'a signature'),
  }));
  const approvers = approvals.map(({ publicKey }) => publicKey);
  const verdict = (needed: number): boolean =>
    checkApprovals(fromHex(request, 'a request'), approvals, { needed, approvers }, []).approved;
  let found = 0;
  while (found < approvers.length && verdict(found + 1)) found++;
  return found;
}
