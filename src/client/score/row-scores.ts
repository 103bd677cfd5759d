import { OpalineError } from '../../errors/opaline-error.ts';
import type { OpenTable } from '../../gate/open-table.ts';
import type { LinkPolynomial, ScorePlan } from '../../plan/physical.ts';
import { planScore } from '../../plan/score/plan-score.ts';
import type { ScoreRowsOptions } from '../api.ts';
import { type Model, parseModel } from './model.ts';
import { scoreRange, WIDEST } from './score-query.ts';
import { fitSigmoid } from './sigmoid.ts';

/**
 * The plan of a request for scores row by row. The logistic link is the owner's work, on decrypted z, where
 * it is exact and the reply half as large, unless the store is asked to evaluate a polynomial for it.
 * @throws MODEL_INVALID, MODEL_RANGE where the polynomial says nothing, and what planScore throws
 */
export async function planRowScores(
  options: ScoreRowsOptions,
  table: OpenTable,
): Promise<ScorePlan> {
  const { weights, intercept, link, where, parameters, select, top, sigmoid = 'owner' } = options;
  const model = parseModel({ weights, intercept, link });
  const { schema } = table;
  const catalog = { schemas: new Map([[schema.table, schema]]) };
  const request = { ...model, table: schema.table, where, parameters, select, top };
  // What is wrong with the request itself is said before anything is read for the polynomial.
  const plan = await planScore(request, catalog);
  if (sigmoid === 'owner') return plan;
  if (sigmoid !== 'store') throw invalid('its sigmoid is evaluated by "owner" or "store"');
  if (model.link !== 'logistic') throw invalid('it has no sigmoid for the store to evaluate');
  const polynomial = await cubicOf(model, table);
  return polynomial === undefined ? plan : await planScore({ ...request, polynomial }, catalog);
}

/** Undefined where z is as good as constant: then nothing is to be approximated. */
async function cubicOf(
  model: Required<Model>,
  table: OpenTable,
): Promise<LinkPolynomial | undefined> {
  const [low, high] = await scoreRange(table, model);
  if (!(low >= -WIDEST && high <= WIDEST)) {
    throw new OpalineError('MODEL_RANGE', { limit: WIDEST });
  }
  const { coefficients, middle, error } = fitSigmoid(low, high, 3);
  const [c0 = 0, c1 = 0, c2 = 0, c3 = 0] = coefficients;
  return c3 === 0 ? undefined : { coefficients: [c0, c1, c2, c3], middle, error };
}

function invalid(reason: string): OpalineError {
  return new OpalineError('MODEL_INVALID', { reason });
}
