import type { AssessmentStatus } from '../assessment/record.ts';
import type { AssessmentContent } from './entry.ts';

/** The assessments of a log, as far as it tells whether one was in its time. */
export class AssessmentHistory {
  private readonly all: AssessmentContent[] = [];

  add(assessment: AssessmentContent): void {
    this.all.push(assessment);
  }

  /** By the last one, or by the one before, which a gate may have seen until the last was written; undefined: none. */
  status(now: number): AssessmentStatus | undefined {
    const states = this.all.slice(-2).map(({ issued, expires }): AssessmentStatus => {
      if (now < issued) return { current: false, reason: { kind: 'not-yet' } };
      if (now < expires) return { current: true, until: expires };
      return { current: false, reason: { kind: 'expired', since: expires } };
    });
    return states.find(({ current }) => current) ?? states.at(-1);
  }
}
