import { type Assessment, CANNOT_SHOW } from '../../policy/assessment/assessment.ts';
import { SCALE_TEXT } from '../../policy/assessment/scale.ts';
import { instant } from './words.ts';

/** The assessment as plain data; times as RFC 3339, in UTC. */
export function assessmentJson(assessment: Assessment): object {
  const { issued, expires, checks, risks } = assessment;
  return {
    ...assessment,
    issued: instant(issued),
    expires: instant(expires),
    scale: SCALE_TEXT,
    checks: checks.map((check) => ({ ...check, time: instant(check.time) })),
    risks: risks.map((risk) => ({ ...risk, plan: { ...risk.plan, due: instant(risk.plan.due) } })),
    cannotShow: CANNOT_SHOW,
  };
}
