import type { QueryStats } from './api.ts';

/** The statistics of a result's errors by column, null for a column that is exact. */
export function errorStats(
  errors: readonly (number | null)[],
): Pick<QueryStats, 'error' | 'errors'> {
  const known = errors.filter((error) => error !== null);
  return known.length === 0 ? { error: null } : { error: Math.max(...known), errors };
}
