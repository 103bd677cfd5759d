import { isOpalineError } from '../../../../errors/opaline-error.ts';
import { systemCode } from '../../../../errors/system-code.ts';
import type { OpenTable } from '../../../../gate/open-table.ts';
import {
  type CheckId,
  type CheckResult,
  checkResult,
  failed,
  type Outcome,
} from '../../../../policy/assessment/checks.ts';
import type { Inside } from '../inside.ts';

/** What checks are run on. */
export interface Checked {
  readonly inside: Inside;
  /** As the store has them now. */
  readonly tables: readonly OpenTable[];
  readonly passphrase: string;
  /** A backup's file, to be restored; undefined: none is given. */
  readonly backup: string | undefined;
  /** Read and check every part of the store, not only that it is there. */
  readonly deep: boolean;
  readonly signal: AbortSignal | undefined;
}

export type Check = (checked: Checked) => Promise<Outcome>;

/** The outcome of a check. One that throws has failed, with the refusal's code and text, which quote no data. */
export async function runCheck(
  id: CheckId,
  check: Check,
  checked: Checked,
  now: () => number,
): Promise<CheckResult> {
  let outcome: Outcome;
  try {
    outcome = await check(checked);
  } catch (error) {
    if (isOpalineError(error, 'ABORTED')) throw error;
    outcome = failed(
      isOpalineError(error)
        ? `${error.code}: ${error.message}`
        : `it broke off (${systemCode(error)})`,
    );
  }
  return checkResult(id, outcome, now());
}
