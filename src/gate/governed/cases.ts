import type { Logged } from '../../audit/file/audit-log.ts';
import type { Parameter } from '../../plan/parameter.ts';
import type { Plan } from '../../plan/physical.ts';
import type { ResultTable } from '../../plan/result.ts';
import type { Operation, Purpose } from '../../policy/document.ts';
import type { Principal } from '../../policy/principal.ts';
import type { ToolQuery } from '../../policy/tool/bundle.ts';
import type { Release } from '../gate.ts';
import type { OpenTable } from '../open-table.ts';
import type { Capability } from './capability.ts';
import type {
  ApprovalEvidence,
  PolicyInForce,
  RecordedSubjects,
  ReservedUse,
  Reviewed,
  Services,
} from './ports.ts';

/** What somebody asks the gate. */
export interface Ask {
  readonly token: string;
  readonly purpose: string;
  readonly sql: string;
  readonly parameters: readonly Parameter[];
  readonly signal?: AbortSignal | undefined;
}

/** After step 1: who asks. */
export interface Identified {
  readonly ask: Ask;
  readonly principal: Principal;
}

/** After step 2: what is asked, and that the policy allows it. */
export interface Permitted extends Identified {
  readonly policy: PolicyInForce;
  readonly purpose: Purpose;
  readonly table: OpenTable;
  readonly plan: Plan;
  readonly operations: readonly Operation[];
  readonly fields: readonly string[];
  /** Cells of the result, at most. */
  readonly cells: number;
  /** When the policy decided, milliseconds since 1970. */
  readonly decided: number;
  /** Of a tool: the query of its bundle. */
  readonly query?: ToolQuery | undefined;
}

/** Whose data is computed on. */
export interface ConsentBasis {
  /** Subjects whose consent was in force; undefined: the purpose asks for none. */
  readonly live: ReadonlySet<string> | undefined;
  /** SHA-256 of purpose, notices and the subjects. */
  readonly digest: Uint8Array;
  /** When it was looked up, milliseconds since 1970. */
  readonly time: number;
  /** Whose rows count, as it is on the record; absent where the table names no subject. */
  readonly recorded?: RecordedSubjects | undefined;
}

/** After step 3: the table without the rows of whoever did not consent. */
export interface Masked extends Permitted {
  readonly consent: ConsentBasis;
  readonly counted: OpenTable;
}

/** After step 4: the answer may be released, as far as can be told before it is known. */
export interface Safe extends Masked {
  readonly reviewed: Reviewed;
}

/** After step 5: who approved. */
export interface Approved extends Safe {
  readonly approvers: readonly string[];
  /** Absent where the purpose asks for no approvals. */
  readonly approval?: ApprovalEvidence & { readonly request: string };
}

/** After step 6: what is to be done is on the record, and so is the right to do it once. */
export interface Intended extends Approved {
  readonly intent: Logged;
  readonly capability: Capability;
  readonly use: ReservedUse;
}

/** After step 7: what was computed, which nobody has seen. */
export interface Computed extends Intended {
  readonly release: Release;
}

/** After step 8: what may leave. */
export interface Settled extends Computed {
  readonly result: ResultTable;
  /** When it was looked at again who asked and on what grounds, milliseconds since 1970. */
  readonly checked: number;
}

/** After step 9: what is answered, and the entry that says so with its proof. */
export interface Answered extends Settled {
  readonly outcome: Logged;
}

/** A step takes what the one before it made out. What it throws, or does not return, is a denial. */
export type Step<From, To> = (from: From, services: Services) => Promise<To>;

/** The nine steps, in their order; steps.ts has those of the product. */
export interface Steps {
  readonly who: Step<Ask, Identified>;
  readonly may: Step<Identified, Permitted>;
  readonly whose: Step<Permitted, Masked>;
  readonly safe: Step<Masked, Safe>;
  readonly approved: Step<Safe, Approved>;
  readonly intended: Step<Approved, Intended>;
  readonly computed: Step<Intended, Computed>;
  readonly settled: Step<Computed, Settled>;
  readonly recorded: Step<Settled, Answered>;
}
