import type { OpenTable } from '../../../gate/open-table.ts';
import type { PolicyDocument } from '../../../policy/document.ts';
import {
  assessmentStatus,
  type AssessmentState,
  type AssessmentStatus,
} from '../../../policy/assessment/record.ts';
import type { OpenFolder } from '../../local/vault-host.ts';
import { readAssessment } from './record-file.ts';
import { scopeOf } from './scope-of.ts';

/** What of an open vault its assessment is held against, each as it is now. */
export interface AssessedNow {
  readonly folder: Pick<OpenFolder, 'path' | 'secrets'>;
  /** The store's address. */
  readonly store: string;
  tables(): Promise<readonly OpenTable[]>;
  policy(): Promise<PolicyDocument | undefined>;
}

/** The assessment of a vault, for its gate: what is on the disk, and the scope, are looked at in every call. */
export class VaultAssessmentState implements AssessmentState {
  private readonly now: AssessedNow;

  constructor(now: AssessedNow) {
    this.now = now;
  }

  /** @throws VAULT_CORRUPT, POLICY_INVALID, and what opening tables throws: none of it is a permission */
  async status(now: number): Promise<AssessmentStatus> {
    const { folder, store } = this.now;
    const record = await readAssessment(folder);
    const processors = record?.context.processors ?? [];
    const [tables, policy] = await Promise.all([this.now.tables(), this.now.policy()]);
    return assessmentStatus(record, scopeOf(tables, policy, processors, store), now);
  }
}
