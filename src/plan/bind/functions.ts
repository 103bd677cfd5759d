import type { FuncCall } from 'libpg-query';
import { misuse, unsupported } from './refuse.ts';

/** The aggregates, with the number of their arguments (before WITHIN GROUP). */
export const AGGREGATES: ReadonlyMap<string, 1 | 2> = new Map([
  ['count', 1],
  ['min', 1],
  ['max', 1],
  ['median', 1],
  ['quantile', 2],
  ['percentile_cont', 1],
  ['percentile_disc', 1],
  ['histogram', 2],
  ['sum', 1],
  ['avg', 1],
  ['var_pop', 1],
  ['var_samp', 1],
  ['variance', 1],
  ['stddev_pop', 1],
  ['stddev_samp', 1],
  ['stddev', 1],
  ['covar_pop', 2],
  ['covar_samp', 2],
  ['corr', 2],
  ['regr_slope', 2],
  ['regr_intercept', 2],
  ['regr_r2', 2],
  ['regr_count', 2],
  ['regr_avgx', 2],
  ['regr_avgy', 2],
  ['regr_sxx', 2],
  ['regr_syy', 2],
  ['regr_sxy', 2],
]);

/** Aggregates whose column is given by WITHIN GROUP (ORDER BY x). */
const WITHIN_GROUP: ReadonlySet<string> = new Set(['percentile_cont', 'percentile_disc']);

/** Aggregates to which a value that comes twice is as good as once. */
const DISTINCT: ReadonlySet<string> = new Set(['count', 'min', 'max']);

/** The bare lower-case name of a called function. */
export function functionName(call: FuncCall): string {
  const parts = (call.funcname ?? []).map((n) => ('String' in n ? (n.String.sval ?? '') : ''));
  const [schema] = parts;
  if (parts.length > 1 && schema !== 'pg_catalog')
    throw unsupported('a function of another schema');
  return parts.at(-1) ?? '';
}

/**
 * Refuses every form of call but f(a, b) and COUNT(*).
 * Throws SQL_UNSUPPORTED, SQL_SYNTAX.
 */
export function checkCall(call: FuncCall, name: string): void {
  const shown = name.toUpperCase();
  if (call.over !== undefined) throw unsupported('a window function (OVER)', 'use GROUP BY');
  if (call.agg_filter !== undefined) {
    throw unsupported('FILTER', 'move the condition to WHERE, in a query of its own');
  }
  if (call.agg_distinct === true && !DISTINCT.has(name)) {
    throw unsupported(`DISTINCT in ${shown}`);
  }
  if (WITHIN_GROUP.has(name) !== (call.agg_within_group === true)) {
    if (WITHIN_GROUP.has(name)) throw misuse(`${shown} needs WITHIN GROUP (ORDER BY …)`);
    throw unsupported(`WITHIN GROUP of ${shown}`);
  }
  if (call.agg_order !== undefined && !WITHIN_GROUP.has(name)) {
    throw unsupported(`ORDER BY in ${shown}`, 'leave it out');
  }
  if (call.func_variadic === true) throw unsupported('VARIADIC');
  const arity = AGGREGATES.get(name);
  if (call.agg_star === true) {
    if (name === 'count') return;
    throw misuse(`${shown}(*) does not exist`);
  }
  const given = call.args?.length ?? 0;
  if (arity !== undefined && given !== arity) {
    throw misuse(`${shown} takes ${arity === 1 ? 'one argument' : 'two arguments'}, not ${given}`);
  }
}
