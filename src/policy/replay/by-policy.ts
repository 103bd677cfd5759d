import { decide, type Standing } from '../decide.ts';
import { reasonText } from '../verdict.ts';
import { approvalsOf } from './approvals.ts';
import type { IntentContent } from './entry.ts';
import type { People } from './people.ts';
import type { LoggedPolicy } from './policies.ts';

/**
 * What the policy in force has against an intent: that it was allowed by another, that its rules deny it, that approvals
 * are missing. Quotas are looked at once the log was read.
 */
export function againstPolicy(
  content: IntentContent,
  { document, digest }: LoggedPolicy,
  people: People,
  standing: Standing,
): readonly string[] {
  const { revision } = document;
  const { table, fields, cells, purpose } = content;
  const other =
    content.policy.digest === digest && content.policy.revision === revision
      ? []
      : [`allowed by another policy than revision ${revision}, which is in force`];
  const person = people.find(content.principal);
  const principal = person && { ...person, revoked: false };
  const facts = { ...standing, queries: [], cells: [] };
  const reasons = content.operations.flatMap((operation) => {
    const request = { principal, purpose, table, operation, fields, cells };
    const verdict = decide(document, request, facts);
    if (verdict.allowed) return [];
    // A limit that one request exceeds by itself is told with the others.
    return verdict.reasons.filter(({ kind }) => kind !== 'derived').map(reasonText);
  });
  const denied = [...new Set(reasons)].map((reason) => `the policy denies it: ${reason}`);
  const needed = Object.hasOwn(document.purposes, purpose)
    ? document.purposes[purpose]!.approvals
    : 0;
  const found = needed === 0 ? 0 : approvalsOf(content, people);
  const missing =
    found < needed ? [`${found} of the ${needed} approvals that its purpose asks for`] : [];
  return [...other, ...denied, ...missing];
}
