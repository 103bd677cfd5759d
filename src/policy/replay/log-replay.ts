import type { z } from 'zod';
import { parseKey } from '../../bytes/note-key.ts';
import { isOpalineError } from '../../errors/opaline-error.ts';
import { againstStanding, type Standing } from '../decide.ts';
import type { Purpose } from '../document.ts';
import { reasonText } from '../verdict.ts';
import { AssessmentHistory } from './assessments.ts';
import { againstSettings, BudgetHistory } from './budgets.ts';
import { againstPolicy } from './by-policy.ts';
import { type ConsentClaim, ConsentHistory, type Consenting } from './consents.ts';
import { jsonOf, textOf } from './content.ts';
import {
  assessmentForm,
  attestationForm,
  beginningForm,
  certificateForm,
  closingForm,
  cutOffForm,
  grantForm,
  type IntentContent,
  intentForm,
  measureForm,
  type OpenedEntry,
  outcomeForm,
  principalForm,
  type RefusedContent,
  type ReleasedContent,
  type ReplayFinding,
  revocationForm,
  withdrawalForm,
} from './entry.ts';
import { People } from './people.ts';
import { type LoggedPolicy, PolicyHistory } from './policies.ts';
import { ToolHistory } from './tools.ts';
import { type LoggedUse, UseHistory } from './uses.ts';
import type { LoggedRelease, ReplayOptions, ReplayVerdict } from './verdict.ts';

/** An intent, and what is known of it. */
interface Intent {
  readonly index: number;
  readonly time: number;
  readonly content: IntentContent;
  readonly policy: LoggedPolicy | undefined;
  readonly purpose: Purpose | undefined;
  readonly claim: ConsentClaim | undefined;
  readonly use: LoggedUse | undefined;
  /** Whose consent it is grounded on; undefined: not made out yet. */
  consenting: Consenting | undefined;
  outcome: { readonly index: number; readonly released: ReleasedContent | undefined } | undefined;
}

/**
 * Reads a log of a gate in its order and finds where it does not keep its own rules: that each release had an intent
 * by the policy in force, live consent, approvals by distinct people who might approve, attestations, an assessment
 * and a tool's certificate in their time, was within quota and budget, and was none while releases were frozen.
 */
export class LogReplay {
  private readonly policies: PolicyHistory;
  private readonly people = new People();
  private readonly consents = new ConsentHistory();
  private readonly uses = new UseHistory();
  private readonly budgets = new BudgetHistory();
  private readonly assessments = new AssessmentHistory();
  private readonly tools = new ToolHistory();
  private readonly intents = new Map<number, Intent>();
  private readonly answered = new Map<string, number>();
  private readonly findings: ReplayFinding[] = [];
  private officers: readonly Uint8Array[] | undefined;
  /** By incident; '' of a store that served what is not so. A freeze is logged once it holds, what ends it before. */
  private readonly frozen = new Map<string, { readonly index: number; readonly time: number }>();
  private begun = false;
  private refused = 0;

  constructor({ signed }: ReplayOptions = {}) {
    this.policies = new PolicyHistory(signed);
  }

  /** To be called for every entry, in the order of the log. */
  visit(entry: OpenedEntry): void {
    const { kind, index } = entry;
    if (!this.begun) {
      this.begun = true;
      if (kind !== 'policy.init') this.problem(index, 'the log does not begin with its officers');
    } else if (kind === 'policy.init') {
      this.problem(index, 'the log begins once more');
      return;
    }
    switch (kind) {
      case 'policy.init':
        return this.with(entry, beginningForm, ({ officers }) => this.begin(index, officers));
      case 'policy.sign':
        return this.policy(entry);
      case 'principal.add':
        return this.with(entry, principalForm, (principal) => {
          if (!this.people.add(principal)) {
            this.problem(index, `a second principal "${principal.name}"`);
          }
        });
      case 'principal.revoke':
        return this.with(entry, revocationForm, ({ name }) => this.people.revoke(name, entry.time));
      case 'principal.attest':
        return this.with(entry, attestationForm, (one) => this.people.attest(entry.time, one));
      case 'consent.grant':
        return this.with(entry, grantForm, (grant) => this.consents.grant({ ...grant, index }));
      case 'consent.withdraw':
        return this.with(entry, withdrawalForm, ({ records }) =>
          this.consents.withdraw({ index, time: entry.time, ids: records }),
        );
      case 'assessment':
        return this.with(entry, assessmentForm, (one) => this.assessments.add(one));
      case 'tool.certify':
        return this.with(entry, certificateForm, (one) =>
          this.tools.certify(one, index, entry.time),
        );
      case 'tool.suspend':
      case 'tool.revoke':
        return this.with(entry, cutOffForm, ({ bundle }) =>
          this.tools.cutOff(bundle, index, entry.time),
        );
      case 'release.intent':
        return this.with(entry, intentForm, (content) => this.intent(entry, content));
      case 'release.outcome':
      case 'release.denied':
        return this.with(entry, outcomeForm, (content) => {
          if (!content.released) this.refusal(entry, content);
          else if (kind === 'release.outcome') this.release(entry, content);
          else this.problem(index, 'a denial that released something');
        });
      case 'release.lift':
        this.frozen.delete('');
        return undefined;
      case 'incident.measure':
        return this.with(entry, measureForm, ({ incident, measure }) => {
          if (measure === 'freeze') this.frozen.set(incident, { index, time: entry.time });
        });
      case 'incident.close':
        return this.with(entry, closingForm, ({ incident }) => void this.frozen.delete(incident));
      default:
        return undefined;
    }
  }

  /** What can be told once the whole log was read. */
  finish(): ReplayVerdict {
    const releases: LoggedRelease[] = [];
    let open = 0;
    for (const intent of this.intents.values()) {
      if (intent.outcome === undefined) open++;
      this.consent(intent);
      const { outcome, content, consenting, claim } = intent;
      if (outcome?.released === undefined) continue;
      const { computed } = outcome.released;
      const live = claim === undefined || claim.notices === null ? null : consenting?.subjects;
      releases.push({ index: outcome.index, intent: content, computed, subjects: live });
    }
    for (const { index, limit } of this.uses.exceeded()) {
      this.problem(index, `more ${limit} than the purpose allows`);
    }
    if (open > 0) {
      const last = [...this.intents.values()].findLast(({ outcome }) => outcome === undefined)!;
      this.advice(
        last.index,
        `the last of ${open} intents without an outcome: work that was cut off`,
      );
    }
    const { refused, consents } = this;
    if (consents.shredded > 0) {
      this.advice(
        0,
        `${consents.shredded} consents were forgotten or are sealed: digests that they are in cannot be compared`,
      );
    }
    const findings = this.findings.toSorted((a, b) => a.index - b.index);
    const problems = findings.filter(({ level }) => level === 'problem').length;
    return { findings, problems, releases, refused, open };
  }

  private begin(index: number, officers: readonly string[]): void {
    try {
      this.officers = officers.map((one) => parseKey(one).publicKey);
    } catch (error) {
      if (!isOpalineError(error, 'BYTES_INVALID')) throw error;
      this.problem(index, 'officers without keys');
    }
  }

  private policy(entry: OpenedEntry): void {
    const bytes = this.contentOf(entry);
    if (bytes === undefined) return;
    const wrong = this.policies.add(entry.index, entry.time, textOf(bytes) ?? '');
    if (wrong !== undefined) this.problem(entry.index, wrong);
  }

  private intent({ index, time }: OpenedEntry, content: IntentContent): void {
    const policy = this.policies.at(index, content.decided, content.policy.digest);
    const purpose =
      policy !== undefined && Object.hasOwn(policy.document.purposes, content.purpose)
        ? policy.document.purposes[content.purpose]
        : undefined;
    if (content.decided > time) this.problem(index, 'decided later than it was logged');
    if (policy === undefined) this.problem(index, 'an intent before there was a policy');
    else {
      const uncertified = this.againstTool(content, content.decided);
      if (uncertified !== undefined) this.problem(index, `allowed though ${uncertified}`);
      const standing = this.standing(content.decided);
      for (const wrong of againstPolicy(content, policy, this.people, standing)) {
        this.problem(index, wrong);
      }
    }
    if (content.reserved !== undefined) {
      const { reserved, table } = content;
      const wrong =
        this.budgets.add(table, reserved) ??
        againstSettings(reserved, policy?.document.releases?.[table]);
      if (wrong !== undefined) this.problem(index, wrong);
    }
    const claim: ConsentClaim | undefined = purpose && {
      index,
      purpose: content.purpose,
      notices: purpose.consent?.notices ?? null,
      time: content.consent.time,
      digest: content.consent.digest,
    };
    const { principal, decided, cells } = content;
    const use =
      purpose &&
      this.uses.add(principal, content.purpose, {
        index,
        decided,
        most: cells,
        cells,
        cancelled: Infinity,
        quota: purpose.quota,
        derived: purpose.derived,
      });
    const consenting = claim && this.consents.now(claim);
    this.intents.set(index, {
      index,
      time,
      content,
      policy,
      purpose,
      claim,
      use,
      consenting,
      outcome: undefined,
    });
  }

  /** Why who asked is no tool that was certified for it at a time; undefined of whoever is no tool. */
  private againstTool({ principal, tool }: IntentContent, time: number): string | undefined {
    const asks = this.people.find(principal);
    if (asks?.kind !== 'tool') return undefined;
    if (tool === undefined || tool.bundle !== asks.bundle) return 'it is of no query of its tool';
    return this.tools.against(tool.bundle, time);
  }

  private release({ index, time }: OpenedEntry, content: ReleasedContent): void {
    const { checked } = content;
    const intent = this.outcomeOf(index, content.intent, content);
    if (intent === undefined) return;
    const { policy, purpose, use } = intent;
    if (content.cells > intent.content.cells) {
      this.problem(index, 'more cells than its intent said');
    }
    if (use !== undefined) use.cells = Math.min(use.cells, content.cells);
    if (checked < intent.time || checked > time) {
      this.problem(index, 'not looked at again between its intent and its release');
    }
    const frozen = [...this.frozen.values()].find((one) => one.time < checked);
    if (frozen !== undefined) {
      this.problem(index, `released though releases were frozen by entry ${frozen.index}`);
    }
    const { approval, principal } = intent.content;
    if (approval !== undefined) {
      const before = this.answered.get(approval.request);
      if (before !== undefined) {
        this.problem(index, `by the approvals that entry ${before} was released by`);
      }
      this.answered.set(approval.request, index);
    }
    if (policy === undefined || purpose === undefined) return;
    if (this.policies.isReplaced(policy, index, checked)) {
      this.problem(index, 'released by a policy that was replaced before');
    }
    const person = this.people.find(principal);
    if (person === undefined) return;
    if (this.people.isOver(person, checked)) {
      this.problem(index, `released to "${principal}", who was revoked or over before`);
    }
    const uncertified = this.againstTool(intent.content, checked);
    if (uncertified !== undefined) this.problem(index, `released though ${uncertified}`);
    const standing = this.standing(checked);
    const asks = { ...person, expires: null, revoked: false };
    for (const reason of againstStanding(policy.document, asks, standing)) {
      this.problem(index, `released though ${reasonText(reason)}`);
    }
    if (purpose.expires !== null && !(checked < Date.parse(purpose.expires))) {
      this.problem(index, 'released for a purpose that is over');
    }
  }

  private refusal({ index, time }: OpenedEntry, { intent, froze, again }: RefusedContent): void {
    this.refused++;
    if (froze && !this.frozen.has('')) this.frozen.set('', { index, time });
    if (intent === null) return;
    const found = this.outcomeOf(index, intent, undefined);
    if (again && found?.use !== undefined) found.use.cancelled = index;
  }

  /** The intent of an outcome, which has one. */
  private outcomeOf(
    index: number,
    number: number,
    released: ReleasedContent | undefined,
  ): Intent | undefined {
    const intent = this.intents.get(number);
    if (intent === undefined) {
      this.problem(index, `${released === undefined ? 'refused' : 'released'} without an intent`);
    } else if (intent.outcome !== undefined) {
      this.problem(
        index,
        `a second outcome of intent ${number}, after entry ${intent.outcome.index}`,
      );
    } else {
      intent.outcome = { index, released };
      return intent;
    }
    return undefined;
  }

  /** Whose consent an intent is grounded on, and whether it still was in force when it was released. */
  private consent(intent: Intent): void {
    const { index, claim, content, outcome } = intent;
    if (claim === undefined) return;
    const consenting = (intent.consenting ??= this.consents.ever(claim));
    if (consenting === undefined) {
      const text = 'grounded on other consents than those in force';
      if (this.consents.shredded > 0) this.advice(index, `perhaps ${text}: some are forgotten`);
      else this.problem(index, text);
      return;
    }
    const said = claim.notices === null ? null : consenting.subjects.size;
    if (content.consent.subjects !== said) {
      this.problem(index, 'it counts other subjects than those of its consents');
    }
    if (outcome?.released === undefined) return;
    const ended = this.consents.ended(consenting, claim, outcome.index, outcome.released.checked);
    if (ended > 0) {
      this.problem(outcome.index, `released though ${ended} subjects’ consent had ended`);
    }
  }

  private standing(now: number): Standing {
    return {
      now,
      attestations: this.people.attestations(now),
      officers: this.officers ?? [],
      assessment: this.assessments.status(now),
    };
  }

  private with<T>(entry: OpenedEntry, form: z.ZodType<T>, run: (content: T) => void): void {
    const bytes = this.contentOf(entry);
    if (bytes === undefined) return;
    const parsed = form.safeParse(jsonOf(bytes));
    if (parsed.success) run(parsed.data);
    else this.problem(entry.index, `what it says is not of the form of a ${entry.kind}`);
  }

  /** The first detail; what others say is of no rule. */
  private contentOf({ index, kind, details }: OpenedEntry): Uint8Array | undefined {
    const [first] = details;
    if (first instanceof Uint8Array) return first;
    if (first === undefined) this.problem(index, `a ${kind} that says nothing`);
    else if (kind.startsWith('consent.')) this.consents.shredded++;
    else
      this.problem(
        index,
        `what this ${kind} says is ${first}, and is of nobody who could be forgotten`,
      );
    return undefined;
  }

  private problem(index: number, text: string): void {
    this.findings.push({ level: 'problem', index, text });
  }

  private advice(index: number, text: string): void {
    this.findings.push({ level: 'advice', index, text });
  }
}
