import type { Context } from './context.ts';
import type { Count, DataMap } from './data-map.ts';

/** Whether a condition holds; unknown: what was stated, or can be counted, does not tell. */
export type Answer = 'yes' | 'no' | 'unknown';

export interface Threshold {
  readonly id: 'main-business' | 'people' | 'sensitive-people';
  readonly text: string;
  readonly answer: Answer;
  /** What it was decided by. */
  readonly because: string;
}

/** Persons: more than these, each by itself (GB/T 35273-2020, 11.1 c). */
export const STAFF = 200;
export const PEOPLE = 1_000_000;
export const SENSITIVE_PEOPLE = 100_000;

/**
 * Whether a full-time officer and a body of its own for the protection of personal information are due: one of the
 * three conditions of GB/T 35273-2020, 11.1 c) is enough. "More than" is strict. What lies between a count's two ends
 * is unknown, not no.
 */
export function thresholds(map: DataMap, context: Context): readonly Threshold[] {
  const { staff, mainBusiness } = context.organisation;
  const { expected } = context;
  const held = moreThan(map.subjects, PEOPLE);
  const awaited: Answer = expected === null ? 'unknown' : expected > PEOPLE ? 'yes' : 'no';
  return [
    {
      id: 'main-business',
      text: `the main business is the processing of personal information, and more than ${STAFF} persons work there`,
      answer: both(stated(mainBusiness), staff === null ? 'unknown' : staff > STAFF ? 'yes' : 'no'),
      because: `main business: ${statedText(mainBusiness)}; staff: ${staff ?? 'not stated'} (declared)`,
    },
    {
      id: 'people',
      text: `personal information of more than ${number(PEOPLE)} persons is processed, or is expected to be within twelve months`,
      answer: either(held, awaited),
      because: `${countText(map.subjects)} in the vault (counted); expected: ${expected === null ? 'not stated' : number(expected)} (declared)`,
    },
    {
      id: 'sensitive-people',
      text: `personal sensitive information of more than ${number(SENSITIVE_PEOPLE)} persons is processed`,
      answer: moreThan(map.sensitiveSubjects, SENSITIVE_PEOPLE),
      because: `${countText(map.sensitiveSubjects)} in tables with a sensitive column (counted)`,
    },
  ];
}

/** Whether officer and body are due: yes as soon as one condition holds. */
export function officerDue(conditions: readonly Threshold[]): Answer {
  return conditions.map(({ answer }) => answer).reduce(either, 'no');
}

function moreThan({ atLeast, atMost }: Count, limit: number): Answer {
  if (atLeast > limit) return 'yes';
  return atMost > limit ? 'unknown' : 'no';
}

const stated = (value: boolean | null): Answer =>
  value === null ? 'unknown' : value ? 'yes' : 'no';
const statedText = (value: boolean | null): string =>
  value === null ? 'not stated' : stated(value);

function either(a: Answer, b: Answer): Answer {
  if (a === 'yes' || b === 'yes') return 'yes';
  return a === 'unknown' || b === 'unknown' ? 'unknown' : 'no';
}

function both(a: Answer, b: Answer): Answer {
  if (a === 'no' || b === 'no') return 'no';
  return a === 'unknown' || b === 'unknown' ? 'unknown' : 'yes';
}

export function countText({ atLeast, atMost }: Count): string {
  if (atLeast === atMost) return `${number(atLeast)} persons`;
  return `${number(atLeast)} to ${number(atMost)} persons`;
}

const number = (value: number): string => value.toLocaleString('en');
