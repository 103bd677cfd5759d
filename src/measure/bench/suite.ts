import type { Clock } from './clock.ts';
import type { LabData } from './data.ts';
import type { SchemeStatement, SuiteMeasurements } from './result.ts';
import type { Scheme } from './scheme.ts';

/** What a suite is run with. */
export interface SuiteContext {
  /** Those asked for, in the order of registration; their packages are there. */
  readonly schemes: readonly Scheme[];
  readonly data: LabData;
  readonly quick: boolean;
  /** Instead of the suite's own sizes. */
  readonly rows: number | undefined;
  readonly clock: Clock;
  /** For the suite's own files; removed afterwards. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Share of the suite that is done, 0 to 1, and what is being done. */
  readonly onProgress: (share: number, what: string) => void;
  /** Takes all that was found so far, so that an interrupted run has not lost it; awaited. */
  readonly onFound?: (soFar: SuiteRun) => Promise<void>;
}

export interface SuiteRun extends Omit<SuiteMeasurements, 'suite' | 'title'> {
  /** Of what the suite measured beside the registered schemes. */
  readonly statements?: readonly SchemeStatement[];
}

/** A set of measurements that is asked for by name. */
export interface Suite {
  /** Lower-case with hyphens, unique. */
  readonly name: string;
  readonly title: string;
  readonly run: (context: SuiteContext) => Promise<SuiteRun>;
}
