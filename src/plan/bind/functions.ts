import type { FuncCall } from 'libpg-query';
import { misuse, notYet, unsupported } from './refuse.ts';

/** The aggregates of this version, with the number of their arguments. */
export const AGGREGATES: ReadonlyMap<string, 1 | 2> = new Map([
  ['count', 1],
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

const LATER: ReadonlySet<string> = new Set([
  'min',
  'max',
  'median',
  'quantile',
  'percentile_cont',
  'percentile_disc',
  'histogram',
  'match',
]);

/** The bare lower-case name of a called function. */
export function functionName(call: FuncCall): string {
  const parts = (call.funcname ?? []).map((n) => ('String' in n ? (n.String.sval ?? '') : ''));
  const [schema] = parts;
  if (parts.length > 1 && schema !== 'pg_catalog')
    throw unsupported('a function of another schema');
  return parts.at(-1) ?? '';
}

/**
 * Refuses every form of call but f(a, b) and COUNT(*), and the functions of later versions.
 * Throws NOT_YET_AVAILABLE, SQL_UNSUPPORTED, SQL_SYNTAX.
 */
export function checkCall(call: FuncCall, name: string): void {
  const shown = name.toUpperCase();
  if (call.over !== undefined) throw unsupported('a window function (OVER)', 'use GROUP BY');
  if (LATER.has(name)) throw notYet(shown);
  if (call.agg_filter !== undefined) {
    throw unsupported('FILTER', 'move the condition to WHERE, in a query of its own');
  }
  if (call.agg_distinct === true) {
    if (name === 'count') throw notYet('COUNT(DISTINCT)');
    throw unsupported(`DISTINCT in ${shown}`);
  }
  if (call.agg_within_group === true) throw unsupported('WITHIN GROUP');
  if (call.agg_order !== undefined) throw unsupported(`ORDER BY in ${shown}`, 'leave it out');
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
