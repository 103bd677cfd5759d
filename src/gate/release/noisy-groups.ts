import type { RandomBytes } from '../../bytes/discrete-gaussian.ts';
import { keyText } from '../../plan/interpret.ts';
import { type AggregatePlan, type GroupResult, isLinear } from '../../plan/physical.ts';
import { drawNoise, gaussianNoise, laplaceNoise, type Noise } from '../../policy/dp/noise.ts';
import { groupThreshold } from '../../policy/dp/threshold.ts';
import { countCohorts } from '../../policy/release/cohort.ts';
import type { NoisySettings } from '../../policy/release/settings.ts';
import type { SubjectRows } from '../../policy/release/subject-rows.ts';
import type { Schema } from '../../table/schema.ts';
import type { Value } from '../../table/value.ts';
import { mostOfRow } from './figures.ts';
import type { Members } from './members.ts';

/** The noise of a query's figures. */
export interface Noises {
  readonly terms: readonly Noise[];
  /** Of each group's number of subjects, which is shown from a threshold on; absent without groups. */
  readonly groups?: { readonly noise: Noise; readonly threshold: number };
}

/**
 * The noise of each figure of a query, among which its cost is divided equally. A subject has at most L rows of the
 * table, each of which adds at most U to a sum: over all groups together one subject changes a sum by at most L·U, in
 * the 1-norm and so in the 2-norm, and the numbers of subjects of at most L groups by one each.
 *
 * @throws PARAMETERS_INVALID
 */
export function noisesOf(
  plan: AggregatePlan,
  schema: Schema,
  { query, rows, floor: own }: NoisySettings,
  floor: number = own,
): Noises {
  const isGrouped = plan.grouped || plan.groupBy.length > 0;
  const shares = plan.terms.length + (isGrouped ? 1 : 0);
  const { microEpsilon, microRho, picoDelta } = query;
  const terms = plan.terms.filter(isLinear).map((term) => {
    const most = mostOfRow(term, schema);
    const sensitivity = BigInt(rows) * (most > 0n ? most : 1n);
    return microEpsilon > 0
      ? laplaceNoise(sensitivity, microEpsilon, shares)
      : gaussianNoise(sensitivity, microRho, shares);
  });
  if (!isGrouped) return { terms };
  const noise =
    microEpsilon > 0
      ? laplaceNoise(1n, microEpsilon, shares * rows)
      : gaussianNoise(1n, microRho, shares * rows);
  const threshold = Math.max(floor, groupThreshold(noise, picoDelta / 1e12 / rows));
  return { terms, groups: { noise, threshold } };
}

/** Distinct subjects by group, under the text of its key. */
export function subjectsOf(
  { keys, partitions, live }: Members,
  rows: SubjectRows,
): ReadonlyMap<string, number> {
  const { inside } = countCohorts(partitions[0]!, live, rows);
  return new Map(keys.map((key, group) => [keyText(key), inside[group]!]));
}

/** Figures with noise, of the groups that have enough subjects with noise. */
export function noisyGroups(
  plan: AggregatePlan,
  noises: Noises,
  subjects: ReadonlyMap<string, number>,
  groups: readonly GroupResult[],
  random: RandomBytes,
): GroupResult[] {
  const isShown = ({ key }: GroupResult): boolean => {
    if (noises.groups === undefined) return true;
    const { noise, threshold } = noises.groups;
    // A group that no row is in is nobody's, and none that a neighbour might have.
    const count = subjects.get(keyText(key)) ?? 0;
    return count > 0 && BigInt(count) + drawNoise(noise, random) >= BigInt(threshold);
  };
  const present = noises.groups === undefined ? [wholeOf(plan, groups)] : groups;
  return present.filter(isShown).map(({ key, terms }) => ({
    key,
    terms: plan.terms.map(({ kind }, i) => {
      const noisy = BigInt(terms[i] ?? 0) + drawNoise(noises.terms[i]!, random);
      // Of what has noise already: a count is not below 0.
      return kind === 'count' && noisy < 0n ? 0n : noisy;
    }),
  }));
}

/** The one group of a query without groups, which it has also where no row is. */
function wholeOf(plan: AggregatePlan, groups: readonly GroupResult[]): GroupResult {
  return groups[0] ?? { key: [], terms: plan.terms.map(() => 0n) };
}

/** Groups as JSON. */
export function encodeGroups(groups: readonly GroupResult[]): string {
  const cell = (value: Value): unknown =>
    typeof value === 'bigint' ? { integer: value.toString() } : value;
  return JSON.stringify(groups.map(({ key, terms }) => [key.map(cell), terms.map(cell)]));
}

/** What `encodeGroups` made: of a sealed record, so that nobody else can have. */
export function decodeGroups(text: string): GroupResult[] {
  const cell = (value: unknown): Value =>
    typeof value === 'object' && value !== null
      ? BigInt((value as { integer: string }).integer)
      : (value as Value);
  return (JSON.parse(text) as [unknown[], unknown[]][]).map(([key, terms]) => ({
    key: key.map(cell),
    terms: terms.map(cell),
  }));
}
