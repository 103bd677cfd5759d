import { toHex } from '../../bytes/hex.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { ResultTable } from '../../plan/result.ts';
import type { Principal } from '../../policy/principal.ts';
import type { ToolQuery } from '../../policy/tool/bundle.ts';
import { shapeProblem } from '../../policy/tool/output.ts';
import {
  standingReasons,
  type ToolReason,
  toolReasonText,
  type ToolStanding,
  toolVerdict,
} from '../../policy/tool/verdict.ts';
import type { Identified } from './cases.ts';
import type { Governance, PolicyInForce } from './ports.ts';

/**
 * The query of its bundle that a tool asks, where it may; undefined of whoever is no tool. One that asks for more than
 * it was certified for is suspended, durably, before it is told.
 * @throws DENIED
 */
export async function certifiedQuery(
  { ask, principal }: Identified,
  policy: PolicyInForce,
  governance: Governance,
): Promise<ToolQuery | undefined> {
  if (principal.kind !== 'tool') return undefined;
  const standing = await standingOf(principal, governance);
  const verdict = toolVerdict(
    standing,
    { bundle: principal.bundle, purpose: ask.purpose, sql: ask.sql, parameters: ask.parameters },
    {
      now: governance.now(),
      policy: toHex(policy.digest),
      ...(await governance.uses(principal.name, ask.purpose)),
    },
  );
  if (verdict.allowed) return verdict.query;
  if (verdict.excess) {
    await governance.tools?.suspend(standing!, principal.name, textOf(verdict.reasons));
  }
  throw denied(verdict.reasons);
}

/**
 * That a tool's certificate still holds: neither revoked, suspended nor ended while it was worked for.
 * @throws DENIED
 */
export async function requireCertified(
  principal: Principal,
  policy: PolicyInForce,
  governance: Governance,
): Promise<void> {
  if (principal.kind !== 'tool') return;
  const facts = { now: governance.now(), policy: toHex(policy.digest) };
  const standing = await standingOf(principal, governance);
  const reasons = standingReasons(standing, principal.bundle, facts);
  if (reasons.length > 0) throw denied(reasons);
}

/** That a tool's answer looks as its bundle says. @throws DENIED */
export function requireShape(query: ToolQuery | undefined, result: ResultTable): void {
  const problem = query && shapeProblem(query.output, result);
  if (problem === undefined) return;
  throw new OpalineError('DENIED', { reason: `the answer is not as the tool says: ${problem}` });
}

async function standingOf(
  { bundle }: Principal,
  { tools }: Governance,
): Promise<ToolStanding | undefined> {
  return bundle === undefined ? undefined : await tools?.find(bundle);
}

const textOf = (reasons: readonly ToolReason[]): string => reasons.map(toolReasonText).join('; ');

function denied(reasons: readonly ToolReason[]): OpalineError {
  return new OpalineError('DENIED', { reason: textOf(reasons) });
}
