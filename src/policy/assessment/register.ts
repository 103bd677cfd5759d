import type { CheckId, CheckResult } from './checks.ts';
import type { RiskStatement } from './context.ts';
import type { DataMap } from './data-map.ts';
import { type Measure, type RiskKind, RISKS } from './risks.ts';
import { type Band, type Gauge, gaugeOf, type Level, lowered } from './scale.ts';

export interface AssessedMeasure extends Measure {
  /** Whether every one of its checks passed. */
  readonly effective: boolean;
}

/** retain: bear it. reduce: do what the plan says. stop: do not process until it is done. */
export type Decision = 'retain' | 'reduce' | 'stop';

export interface ResponsePlan {
  readonly decision: Decision;
  readonly actions: readonly string[];
  readonly owner: string;
  /** Milliseconds since 1970. */
  readonly due: number;
  /** Why the residual risk is borne; null: nobody has said so. */
  readonly accepted: string | null;
}

export interface AssessedRisk {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly references: readonly string[];
  readonly inherent: Gauge;
  readonly residual: Gauge;
  /** Whether somebody stated a level instead of the catalogue's. */
  readonly stated: boolean;
  readonly measures: readonly AssessedMeasure[];
  readonly plan: ResponsePlan;
}

const DAY_MS = 86_400_000;
/** Days until a plan is due, where nobody states another time. */
const DUE_DAYS: Readonly<Record<Band, number>> = { low: 365, moderate: 90, high: 30, severe: 7 };

/**
 * The risk register: each risk as it is without measures, and with those that their checks show to be effective.
 * @param officer who answers for a plan that names nobody
 * @param now milliseconds since 1970
 */
export function riskRegister(
  map: DataMap,
  checks: readonly CheckResult[],
  statements: Readonly<Record<string, RiskStatement>>,
  officer: string,
  now: number,
): readonly AssessedRisk[] {
  const good = new Set(checks.filter(({ status }) => status === 'passed').map(({ id }) => id));
  return RISKS.map((kind) => {
    const statement = Object.hasOwn(statements, kind.id) ? statements[kind.id]! : {};
    return assessed(kind, map, good, statement, officer, now);
  });
}

function assessed(
  kind: RiskKind,
  map: DataMap,
  good: ReadonlySet<CheckId>,
  statement: RiskStatement,
  officer: string,
  now: number,
): AssessedRisk {
  const { id, title, text, references, measures } = kind;
  const inherent = gaugeOf(
    statement.likelihood ?? kind.likelihood(map),
    statement.impact ?? kind.impact(map),
  );
  const effective = measures.filter(({ checks }) => checks.every((check) => good.has(check)));
  const residual = gaugeOf(
    left(inherent.likelihood, effective, 'likelihood'),
    left(inherent.impact, effective, 'impact'),
  );
  return {
    id,
    title,
    text,
    references,
    inherent,
    residual,
    stated: statement.likelihood !== undefined || statement.impact !== undefined,
    measures: measures.map((measure) => ({
      ...measure,
      effective: effective.some((one) => one.id === measure.id),
    })),
    plan: planOf(kind, effective, residual.band, statement, officer, now),
  };
}

function left(level: Level, effective: readonly Measure[], factor: Measure['lowers']): Level {
  const by = effective.reduce((sum, { lowers, by }) => (lowers === factor ? sum + by : sum), 0);
  return lowered(level, by);
}

/** Every risk has a plan, one that is retained too: when it is looked at again, and by whom. */
function planOf(
  { measures, beyond }: RiskKind,
  effective: readonly Measure[],
  band: Band,
  { owner, due, accepted }: RiskStatement,
  officer: string,
  now: number,
): ResponsePlan {
  const remedies = measures.filter((one) => !effective.includes(one)).map(({ remedy }) => remedy);
  const further = beyond !== 'none' && (band !== 'low' || remedies.length === 0) ? [beyond] : [];
  const actions = [...remedies, ...further];
  return {
    decision: decisionOf(band, accepted),
    actions: actions.length > 0 ? actions : ['look at it again with the next assessment'],
    owner: owner ?? officer,
    due: due === undefined ? now + DUE_DAYS[band] * DAY_MS : Date.parse(due),
    accepted: accepted ?? null,
  };
}

function decisionOf(band: Band, accepted: string | undefined): Decision {
  if (band === 'low' || accepted !== undefined) return 'retain';
  return band === 'severe' ? 'stop' : 'reduce';
}
