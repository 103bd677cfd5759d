import type { Assessment } from '../../policy/assessment/assessment.ts';
import type { Basis, CheckResult } from '../../policy/assessment/checks.ts';
import type { DataClass } from '../../policy/assessment/categories.ts';
import type { Exposure, ShownBy } from '../../policy/assessment/data-map.ts';
import type { AssessedRisk, Decision } from '../../policy/assessment/register.ts';
import { BANDS, type Gauge, GREATEST_SCORE } from '../../policy/assessment/scale.ts';
import type { Answer } from '../../policy/assessment/thresholds.ts';

/** Words that every form of the report uses. */
export const BASIS: Readonly<Record<Basis, string>> = {
  run: 'run on vault and store',
  derived: 'by schema and policy',
  declared: 'declared',
};

export const STATUS: Readonly<Record<CheckResult['status'], string>> = {
  passed: 'passed',
  failed: 'failed',
  'not-run': 'not run',
};

export const CLASS: Readonly<Record<DataClass, string>> = {
  sensitive: 'personal, sensitive',
  personal: 'personal',
  none: 'not personal',
  unstated: 'not stated: counted as personal',
};

export const EXPOSURE: Readonly<Record<Exposure, string>> = {
  hidden: 'neither what is asked nor which rows answer',
  padded: 'lengths evened out',
  queries: 'which rows an unnamed question finds',
  rest: 'order or equality of values, at rest',
};

export const DECISION: Readonly<Record<Decision, string>> = {
  retain: 'retain',
  reduce: 'reduce',
  stop: 'stop until it is reduced',
};

export const ANSWER: Readonly<Record<Answer, string>> = {
  yes: 'yes',
  no: 'no',
  unknown: 'not known',
};

export const day = (time: number): string => new Date(time).toISOString().slice(0, 10);
export const instant = (time: number): string => new Date(time).toISOString();

export const gaugeText = ({ likelihood, impact, score, band }: Gauge): string =>
  `${likelihood} × ${impact} = ${score}, ${band}`;

/** A drawn gauge in words. */
export const gaugesText = ({ title, inherent, residual }: AssessedRisk): string =>
  `${title}: inherent ${inherent.score} of ${GREATEST_SCORE}, ${inherent.band}; ` +
  `residual ${residual.score} of ${GREATEST_SCORE}, ${residual.band}`;

export function countsText({ checks, risks }: Assessment): readonly string[] {
  const of = (status: CheckResult['status']): number =>
    checks.filter((check) => check.status === status).length;
  const bands = BANDS.toReversed().map(
    (band) => `${risks.filter(({ residual }) => residual.band === band).length} ${band}`,
  );
  return [
    `${checks.length} checks: ${of('passed')} passed, ${of('failed')} failed, ${of('not-run')} not run.`,
    `${risks.length} risks; what is left of them: ${bands.join(', ')}.`,
  ];
}

export function loggedText({ logged }: Assessment): string {
  return logged === null
    ? 'not in force: the vault has no audit log that verifies, so nothing was recorded'
    : `in force: entry ${logged.entry} of the log ${logged.log}`;
}

export function officerText({ officerDue, officer, department }: Assessment): string {
  const due =
    officerDue === 'yes'
      ? 'A full-time officer and a body of its own are due.'
      : officerDue === 'no'
        ? 'No condition asks for a full-time officer and a body of its own.'
        : 'Whether a full-time officer and a body of its own are due is not known from what was stated.';
  return `${due} Officer: ${officer === null ? 'nobody is named' : `${officer.name}, ${officer.contact}`}. Body: ${department ?? 'none is named'}.`;
}

export function recoveryText({ recovery }: ShownBy): string {
  return recovery === null
    ? 'measured by attacks, no closed form'
    : `${(recovery.fraction * 100).toFixed(1)} % by ${recovery.attack}`;
}

export const THRESHOLD_SOURCE = 'GB/T 35273-2020, 11.1 c): one of three is enough';
