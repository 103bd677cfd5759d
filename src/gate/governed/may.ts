import { isOpalineError, OpalineError } from '../../errors/opaline-error.ts';
import type { Plan } from '../../plan/physical.ts';
import { planQuery } from '../../plan/plan-query.ts';
import type { AssessmentStatus } from '../../policy/assessment/record.ts';
import { decide } from '../../policy/decide.ts';
import type { Operation, PolicyDocument, Purpose } from '../../policy/document.ts';
import { isMeant, type Principal } from '../../policy/principal.ts';
import { mostCellsOf } from '../../policy/tool/output.ts';
import { type Reason, reasonText } from '../../policy/verdict.ts';
import type { OpenTable } from '../open-table.ts';
import type { Ask, Identified, Permitted, Step } from './cases.ts';
import { requireUnfrozen } from './frozen.ts';
import type { Governance } from './ports.ts';
import { fieldsOf, mostCells, operationsOf } from './request-facts.ts';
import { certifiedQuery } from './tool.ts';

/**
 * Step 2, may they: no incident freezes the gate, a tool asks what it is certified for and nothing else, the query is
 * planned on the table of its purpose alone, and the policy decides by what the plan needs. Every reason is told; whoever
 * no rule names for a purpose is told no more than that it does not exist for them. While releases are frozen nothing is
 * looked at, counted or reserved.
 * @throws DENIED, RELEASES_FROZEN, what planning throws
 */
export const may: Step<Identified, Permitted> = async (identified, { governance, tables }) => {
  const { ask, principal } = identified;
  await requireUnfrozen(governance);
  await tables.requireOpen();
  const policy = await governance.policy();
  const query = await certifiedQuery(identified, policy, governance);
  const purpose = purposeOf(policy.document, ask.purpose, principal);
  if (purpose === undefined) throw denied([{ kind: 'purpose-unknown', purpose: ask.purpose }]);
  const table = await tables.open(purpose.table);
  if (table === undefined) throw denied([{ kind: 'purpose-unknown', purpose: ask.purpose }]);
  const plan = await planned(ask, table, purpose);
  const operations = operationsOf(plan);
  const fields = fieldsOf(plan);
  const most = query === undefined ? Infinity : mostCellsOf(query.output);
  const cells = Math.min(most, await mostCells(plan, table));
  const decided = governance.now();
  const facts = {
    now: decided,
    ...(await governance.uses(principal.name, ask.purpose)),
    attestations: await governance.attestations(),
    officers: policy.officers,
    assessment: await assessmentOf(policy.document, governance),
  };
  const reasons = operations.flatMap((operation: Operation) => {
    const request = {
      principal,
      purpose: ask.purpose,
      table: plan.table,
      operation,
      fields,
      cells,
    };
    const verdict = decide(policy.document, request, facts);
    return verdict.allowed ? [] : verdict.reasons;
  });
  if (reasons.length > 0) throw denied(reasons);
  return {
    ...identified,
    policy,
    purpose,
    table,
    plan,
    operations,
    fields,
    cells,
    decided,
    query,
  };
};

/** Looked up where the policy requires one alone. */
export async function assessmentOf(
  document: PolicyDocument,
  governance: Governance,
): Promise<AssessmentStatus | undefined> {
  if (document.assessment === undefined) return undefined;
  return await governance.assessment?.status(governance.now());
}

/** A purpose that some rule names for a principal. */
function purposeOf(
  { purposes, rules }: PolicyDocument,
  name: string,
  principal: Principal,
): Purpose | undefined {
  if (!Object.hasOwn(purposes, name)) return undefined;
  const named = rules.some(
    (rule) =>
      rule.effect === 'allow' &&
      rule.purposes.some((one) => one === '*' || one === name) &&
      rule.principals.some((selector) => isMeant(selector, principal)),
  );
  return named ? purposes[name] : undefined;
}

/** Refusals name the purpose's columns and no other. */
async function planned(ask: Ask, { schema }: OpenTable, purpose: Purpose): Promise<Plan> {
  try {
    return await planQuery(ask.sql, ask.parameters, { schemas: new Map([[schema.table, schema]]) });
  } catch (error) {
    if (!isOpalineError(error, 'UNKNOWN_COLUMN')) throw error;
    const known = schema.columns
      .map(({ name }) => name)
      .filter((name) => purpose.fields.includes(name));
    throw new OpalineError('UNKNOWN_COLUMN', { ...error.details, known });
  }
}

/** All reasons, told once each. */
export function denied(reasons: readonly Reason[]): OpalineError {
  const texts = new Set(reasons.map(reasonText));
  return new OpalineError('DENIED', { reason: [...texts].join('; ') });
}
