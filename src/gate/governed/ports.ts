import type { Logged, LogEntry } from '../../audit/file/audit-log.ts';
import type { Plan } from '../../plan/physical.ts';
import type { ResultTable } from '../../plan/result.ts';
import type { AssessmentState } from '../../policy/assessment/record.ts';
import type { Attestation } from '../../policy/attestation.ts';
import type { ConsentState } from '../../policy/consent.ts';
import type { Operation, PolicyDocument, Purpose } from '../../policy/document.ts';
import type { IncidentState } from '../../policy/incident/incident.ts';
import type { Use } from '../../policy/limit.ts';
import type { Cost } from '../../policy/dp/budget.ts';
import type { Principal } from '../../policy/principal.ts';
import type { ToolStanding } from '../../policy/tool/verdict.ts';
import type { CallOptions, StoreLink } from '../../store/link.ts';
import type { Release } from '../gate.ts';
import type { OpenTable } from '../open-table.ts';
import type { RowMask } from '../row-mask.ts';

/** The policy that is in force: every officer signed it. */
export interface PolicyInForce {
  readonly document: PolicyDocument;
  /** SHA-256 of the signed text. */
  readonly digest: Uint8Array;
  /** Ed25519 public keys of those who sign policies and attestations. */
  readonly officers: readonly Uint8Array[];
}

/** What is asked for approval. */
export interface ApprovalRequest {
  readonly principal: string;
  readonly purpose: string;
  readonly sql: string;
  readonly parameters: readonly unknown[];
  readonly policy: Uint8Array;
}

/** A request that waits for approvals, and those that it has. */
export interface ApprovalState {
  /** 64 hex digits: what is signed. */
  readonly request: string;
  /** Names of distinct people other than who asks, whose signatures are valid now. */
  readonly approvers: readonly string[];
  /** What the request's hash is of besides, and those signatures: for the log, where they can be verified again. */
  readonly evidence: ApprovalEvidence;
}

export interface ApprovalEvidence {
  /** Of the request. */
  readonly nonce: string;
  /** Hex of Ed25519 keys and signatures. */
  readonly signatures: readonly {
    readonly approver: string;
    readonly key: string;
    readonly signature: string;
  }[];
}

/**
 * What the steps of the gate look up and write down. Every call reads what is on the disk now, so that what was
 * revoked, withdrawn or replaced by another process counts at the next step.
 */
export interface Governance {
  /** Milliseconds since 1970. */
  now(): number;
  policy(): Promise<PolicyInForce>;
  /** In constant time in the token's secret. */
  principalOfToken(token: string): Promise<Principal | undefined>;
  principal(name: string): Promise<Principal | undefined>;
  attestations(): Promise<readonly Attestation[]>;
  consent(): Promise<ConsentState>;
  /** Absent: a policy that requires an assessment denies everything. */
  readonly assessment?: AssessmentState;
  readonly incidents: IncidentState;
  /** Put on the record whose rows of a table count, before they are computed on; durable and logged. */
  recordSubjects(table: string, subjects: ReadonlySet<string>): Promise<RecordedSubjects>;
  /** Absent: no tool is answered. */
  readonly tools?: ToolState;
  uses(
    principal: string,
    purpose: string,
  ): Promise<{ readonly queries: readonly Use[]; readonly cells: readonly Use[] }>;
  /** Count a query before it is worked for, and as many cells as it may release; durable. */
  reserveUse(principal: string, purpose: string, cells: number): Promise<ReservedUse>;
  approvals(request: ApprovalRequest): Promise<ApprovalState>;
  /** An approved request is used once. */
  useApproval(request: string): Promise<void>;
  /** Durable, checkpointed and pinned when it resolves. */
  log(entries: readonly LogEntry[]): Promise<readonly Logged[]>;
}

/** A set of subjects that is on the record. */
export interface RecordedSubjects {
  /** Number of the log's entry that has it. */
  readonly entry: number;
  readonly count: number;
}

/** Tools that officers certified, as they stand on the disk now. */
export interface ToolState {
  /** The tool of a bundle, by its hash (64 hex digits); undefined: it is not certified. @throws TOOL_INVALID */
  find(bundle: string): Promise<ToolStanding | undefined>;
  /** It asked for too much: nothing is released to it until it is certified anew. Durable and logged when it resolves. */
  suspend(tool: ToolStanding, principal: string, reason: string): Promise<void>;
}

export interface ReservedUse {
  /** So many cells were released in the end. */
  settle(cells: number): Promise<void>;
  /** Nothing was released for it, and the request begins anew. */
  cancel(): Promise<void>;
}

/** The tables that are asked, and the gate that answers. */
export interface Tables {
  /** A table at its newest epoch, verified against the pins; undefined where there is none of the name. */
  open(name: string): Promise<OpenTable | undefined>;
  readonly link: StoreLink;
  /** @throws ANSWER_FALSIFIED, which freezes what is released here until the owner lifts that; RELEASES_FROZEN */
  release(plan: Plan, table: OpenTable, options: CallOptions): Promise<Release>;
  /** Of what was computed, keyed (release-digest.ts): shows later whether it is computed again. */
  digest(release: Release): Uint8Array;
  /** @throws RELEASES_FROZEN since an answer of the store did not verify */
  requireOpen(): Promise<void>;
  /** The store served what is not so: nothing is released until the owner lifts the freeze. */
  freeze(): Promise<void>;
  /** Rows of subjects that are not among `live`. */
  without(table: OpenTable, live: ReadonlySet<string>, options: CallOptions): Promise<RowMask>;
  /** Subjects of the rows that count; undefined where the schema names none. */
  subjects(table: OpenTable, options: CallOptions): Promise<ReadonlySet<string> | undefined>;
}

/** What is reviewed before anything is computed. */
export interface ReviewRequest {
  readonly principal: Principal;
  readonly purposeName: string;
  readonly purpose: Purpose;
  readonly policy: PolicyInForce;
  readonly plan: Plan;
  /** What of it rules of the policy allow: all that it does. */
  readonly operations: readonly Operation[];
  /** Without the rows that do not count. */
  readonly table: OpenTable;
  /** 32 bytes, the same whenever this principal asks the same for this purpose. */
  readonly request: Uint8Array;
}

/** What is spent of a budget for one answer, whatever becomes of it. */
export interface ReservedBudget {
  /** Its number in the ledger of the table. */
  readonly reservation: number;
  readonly cost: Cost;
  /** All that may be spent of the table. */
  readonly budget: Cost;
}

/** A request that may be computed: what is to be run for it, and what of that may leave. */
export interface Reviewed {
  /** The plan to run; it may ask for more than the request does, to judge the answer by. */
  readonly plan: Plan;
  /** Of a privacy budget; absent where the answer costs nothing, or nothing more. */
  readonly reserved?: ReservedBudget;
  /** @throws DENIED where the answer may not leave */
  settle(release: Release): Promise<ResultTable>;
}

/** Whether a statistic may be released (step 4), and in what form (step 8). Denied unless `review` resolves. */
export interface ReleaseGuard {
  /** @throws DENIED; what it reserves is durable when it resolves */
  review(request: ReviewRequest): Promise<Reviewed>;
}

/** Everything that the steps work with. */
export interface Services {
  readonly governance: Governance;
  readonly tables: Tables;
  readonly guard: ReleaseGuard;
  /** Milliseconds: an execution that takes longer is aborted; steps that read rows have its time, others `step`. */
  readonly within: { readonly step: number; readonly execution: number };
}
