import { toHex } from '../../bytes/hex.ts';
import { type CheckResult, type Facts } from './checks.ts';
import type { Context, Processor } from './context.ts';
import type { DataMap } from './data-map.ts';
import { type AssessmentRecord, expiryOf } from './record.ts';
import { type AssessedRisk, riskRegister } from './register.ts';
import { type Answer, officerDue, type Threshold, thresholds } from './thresholds.ts';

/** An assessment in full: what reports are made of. It holds names, counts and times; no value of any row. */
export interface Assessment {
  readonly version: 1;
  /** Milliseconds since 1970. */
  readonly issued: number;
  readonly expires: number;
  /** SHA-256 of schemas, purposes, processors and store (scope.ts), in hex. */
  readonly scope: string;
  readonly organisation: Context['organisation'];
  readonly officer: Context['officer'];
  readonly department: string | null;
  readonly purposes: readonly { readonly name: string; readonly description: string }[];
  readonly map: DataMap;
  readonly processors: readonly AssessedProcessor[];
  readonly thresholds: readonly Threshold[];
  readonly officerDue: Answer;
  readonly checks: readonly CheckResult[];
  readonly risks: readonly AssessedRisk[];
  /** Its entry in the vault's audit log; null: the vault has none, and nothing was recorded. */
  readonly logged: { readonly log: string; readonly entry: number } | null;
}

export interface AssessedProcessor extends Processor {
  readonly qualified: boolean;
}

/** Who answers for plans where nobody is named. */
const NOBODY = 'nobody is named';

/** @param scope of 32 bytes */
export function assess(
  { map, context, policy, now }: Facts,
  checks: readonly CheckResult[],
  scope: Uint8Array,
): Assessment {
  const conditions = thresholds(map, context);
  const { organisation, officer, department, processors, risks, validDays } = context;
  return {
    version: 1,
    issued: now,
    expires: expiryOf(now, validDays),
    scope: toHex(scope),
    organisation,
    officer,
    department,
    purposes: Object.entries(policy?.purposes ?? {}).map(([name, { description }]) => ({
      name,
      description,
    })),
    map,
    processors: processors.map((one) => ({
      ...one,
      qualified: one.certificate !== null && Date.parse(one.expires) > now,
    })),
    thresholds: conditions,
    officerDue: officerDue(conditions),
    checks,
    risks: riskRegister(map, checks, risks, officer?.name ?? NOBODY, now),
    logged: null,
  };
}

/** What is kept of it. */
export function recordOf(
  { issued, expires, scope, checks, risks }: Assessment,
  context: Context,
  entry: number,
): AssessmentRecord {
  return {
    version: 1,
    issued,
    expires,
    scope,
    stopped: risks.filter(({ plan }) => plan.decision === 'stop').map(({ id }) => id),
    checks: checks.map(({ id, status }) => ({ id, status })),
    context,
    entry,
  };
}

/** What an assessment does not show, whoever reads it. */
export const CANNOT_SHOW: readonly string[] = [
  'Whether what is declared is true: staff, processors, certificates, expected numbers.',
  'Personal information that is kept outside of this vault.',
  'Whether a category that a schema states is the right one; only that one is stated.',
  'Risks that are not in its catalogue.',
  'That a check which passed still passes: it says when it was run.',
];
