import { utf8 } from '../../src/bytes/codec.ts';
import { sha256 } from '../../src/bytes/hash.ts';
import { fromHex, toHex } from '../../src/bytes/hex.ts';
import { formatKey, NOTE_SIGNATURE, noteKeyOfSecret } from '../../src/bytes/note-key.ts';
import { publicKeyOf } from '../../src/bytes/signature.ts';
import { approve } from '../../src/policy/approval.ts';
import { attest } from '../../src/policy/attestation.ts';
import { afterEvents, consentDigest, consenting, NO_CONSENT } from '../../src/policy/consent.ts';
import { type PolicyDocument, readDocument } from '../../src/policy/document.ts';
import { NO_COST } from '../../src/policy/dp/budget.ts';
import { isWithin } from '../../src/policy/limit.ts';
import type { OpenedEntry } from '../../src/policy/replay/entry.ts';
import { requestHash } from '../../src/policy/request-hash.ts';
import { policyText } from '../../src/policy/signed-policy.ts';
import type { Draw } from './malicious-link.ts';

/** An entry of a log that is made up: an outcome names its intent itself, whatever its number will be. */
export interface MadeEntry {
  readonly kind: string;
  readonly time: number;
  /** A text as it is, anything else as JSON. */
  readonly content: string | Readonly<Record<string, unknown>>;
  readonly intent?: MadeEntry;
}

const OFFICER = new Uint8Array(32).fill(9);
const officer = formatKey(noteKeyOfSecret('officer', NOTE_SIGNATURE, OFFICER));
export const APPROVERS: Readonly<Record<string, Uint8Array>> = {
  max: new Uint8Array(32).fill(1),
  mia: new Uint8Array(32).fill(2),
};
export const TOOL: { readonly name: string; readonly kind: string; readonly bundle: string } = {
  name: 'scorer',
  kind: 'tool',
  bundle: 'ab'.repeat(32),
};
const START = 1_800_000_000_000;
/** Nothing follows anything else sooner: what a log cannot put in order is a test of its own. */
const MINUTE = 60_000;
const DAY = 86_400_000;
const SUBJECTS = ['s1', 's2', 's3', 's4', 's5'];
const CELLS = 4;
const COST = { ...NO_COST, microEpsilon: 10 };
const BUDGET = { ...NO_COST, microEpsilon: 70 };

const base = {
  description: 'd',
  table: 'visits',
  fields: ['ward', 'days'],
  quota: { limit: 4, per: 'hour' },
  derived: { limit: 60, per: 'day' },
  approvals: 0,
  expires: null,
};

export function documentOf(revision: number, changes: object = {}): PolicyDocument {
  const read = readDocument({
    revision,
    issued: '2026-01-01T00:00:00Z',
    description: `revision ${revision}`,
    cohort: 3,
    attestations: ['training'],
    assessment: 'required',
    purposes: {
      quality: { ...base, consent: { notices: ['1', '2'] } },
      billing: { ...base, consent: null, approvals: 2 },
      ...changes,
    },
    rules: [
      { effect: 'allow', principals: ['role:analyst'], purposes: ['*'], operations: ['aggregate'] },
    ],
  });
  if ('issues' in read) throw new Error(JSON.stringify(read.issues));
  return read.document;
}

const hexOf = (draw: Draw, bytes: number): string =>
  Array.from({ length: bytes }, () => draw(256).toString(16).padStart(2, '0')).join('');

interface Grant {
  readonly id: string;
  readonly subject: string;
  readonly purpose: string;
  readonly notice: string;
  readonly given: number;
  readonly expires: number | null;
}

/** A gate that keeps its rules, as far as its log tells of it. */
class ModelGate {
  readonly entries: MadeEntry[] = [];
  private readonly draw: Draw;
  private time = START;
  private document: PolicyDocument = documentOf(1);
  private grants: Grant[] = [];
  private frozen = false;
  private reservations = 0;
  private readonly trained = new Map<string, number>();
  private readonly revoked = new Set<string>();
  private assessed = 0;
  private certified = false;
  private readonly uses: { who: string; purpose: string; time: number; cells: number }[] = [];

  constructor(draw: Draw) {
    this.draw = draw;
    this.log('policy.init', { officers: [officer] });
    this.sign(1);
    for (const name of ['ana', 'bob']) this.add(name, ['analyst'], null);
    for (const [name, secret] of Object.entries(APPROVERS)) {
      this.add(name, ['approver'], toHex(publicKeyOf(secret)));
    }
    for (const name of ['ana', 'bob']) this.train(name);
    this.log('principal.add', { ...TOOL, roles: ['analyst'], expires: null, key: null });
    this.certify();
    this.assess();
    for (const subject of SUBJECTS.slice(0, 3)) this.grant(subject);
  }

  step(): void {
    const { draw } = this;
    if (draw(9) === 0) this.time += DAY / 4;
    const [person, subject] = [this.one(['ana', 'bob']), this.one(SUBJECTS)];
    switch (draw(15)) {
      case 0:
        return this.grant(subject);
      case 1:
        return this.withdraw(subject);
      case 2:
        return this.sign(this.document.revision + 1);
      case 3:
        return this.train(person);
      case 4:
        return this.assess();
      case 5:
        return void this.log('release.denied', {
          released: false,
          intent: null,
          code: 'DENIED',
          again: false,
          froze: false,
        });
      case 6:
        return this.fail(person);
      case 8:
        return this.incident();
      case 7:
        if (draw(6) > 0 || this.revoked.size > 0) return undefined;
        this.revoked.add(person);
        return void this.log('principal.revoke', { name: person });
      case 9:
        if (draw(4) > 0) return this.certify();
        this.certified = false;
        return void this.log(draw(2) === 0 ? 'tool.suspend' : 'tool.revoke', {
          tool: TOOL.name,
          bundle: TOOL.bundle,
          reason: 'too much',
        });
      case 10:
      case 11:
        return this.release(TOOL.name, 'quality');
      default:
        return this.release(person, this.one(['quality', 'billing']));
    }
  }

  private certify(): void {
    const { name: tool, bundle } = TOOL;
    this.certified = true;
    this.log('tool.certify', { tool, bundle, issued: this.time, expires: this.time + 90 * DAY });
  }

  /** Opened, frozen and closed, with nothing released meanwhile. */
  private incident(): void {
    const id = hexOf(this.draw, 8);
    this.log('incident.open', { id, opened: this.time, freeze: true });
    this.log('incident.measure', { incident: id, measure: 'freeze', what: '' });
    this.log('incident.close', { incident: id, note: '' });
  }

  private one<T>(all: readonly T[]): T {
    return all[this.draw(all.length)]!;
  }

  private log(kind: string, content: MadeEntry['content'], intent?: MadeEntry): MadeEntry {
    this.time += MINUTE;
    const entry = { kind, time: this.time, content, ...(intent && { intent }) };
    this.entries.push(entry);
    return entry;
  }

  private sign(revision: number): void {
    this.document = documentOf(revision);
    this.log('policy.sign', policyText(this.document));
  }

  private add(name: string, roles: readonly string[], key: string | null): void {
    this.log('principal.add', { name, kind: 'staff', roles, expires: null, key });
  }

  private train(principal: string): void {
    const expires = this.time + 2 * DAY;
    const statement = { principal, kind: 'training', issued: this.time, expires } as const;
    const { signature } = attest(statement, OFFICER);
    this.trained.set(principal, expires);
    this.log('principal.attest', { ...statement, signature: toHex(signature) });
  }

  private assess(): void {
    const issued = this.time;
    this.assessed = issued + 3 * DAY;
    this.log('assessment', { issued, expires: this.assessed, scope: '', residual: [] });
  }

  private grant(subject: string): void {
    const given = this.time + MINUTE;
    const expires = this.draw(3) === 0 ? given + DAY : null;
    const notice = this.one(['1', '2', '3']);
    const grant = { id: hexOf(this.draw, 16), subject, purpose: 'quality', notice, given, expires };
    this.grants.push(grant);
    this.log('consent.grant', { ...grant, withdrawn: null });
  }

  private withdraw(subject: string): void {
    const records = this.grants.filter((one) => one.subject === subject).map(({ id }) => id);
    if (records.length === 0) return;
    this.grants = this.grants.filter((one) => one.subject !== subject);
    this.log('consent.withdraw', { subject, purpose: 'quality', notice: null, records });
  }

  /** Whose consent is in force, as the ledger keeps it. */
  private live(time: number): ReadonlySet<string> {
    const events = this.grants.map(({ given, ...rest }) => {
      return { kind: 'grant', ...rest, time: given } as const;
    });
    return consenting(afterEvents(NO_CONSENT, events), 'quality', ['1', '2'], time);
  }

  private intent(principal: string, purpose: string): MadeEntry | undefined {
    const { time, draw } = this;
    const late = time + 5 * MINUTE;
    const { quota, derived } = this.document.purposes[purpose]!;
    const own = this.uses.filter((one) => one.who === principal && one.purpose === purpose);
    const queries = own.map((one) => ({ time: one.time, amount: 1 }));
    const cells = own.map((one) => ({ time: one.time, amount: one.cells }));
    if (
      this.frozen ||
      this.revoked.has(principal) ||
      (principal === TOOL.name ? !this.certified : (this.trained.get(principal) ?? 0) <= late) ||
      this.assessed <= late ||
      !isWithin(quota, queries, 1, time) ||
      !isWithin(derived, cells, CELLS, time)
    )
      return undefined;
    const digest = toHex(sha256(utf8(policyText(this.document))));
    const live = purpose === 'quality' ? this.live(time) : undefined;
    // As many as those of whom none ends before it is looked at again.
    if (live !== undefined && [...live].some((one) => !this.live(late).has(one))) return undefined;
    const notices = purpose === 'quality' ? ['1', '2'] : null;
    const asked = { principal, purpose, sql: 'SELECT COUNT(*) FROM visits', policy: digest };
    const request = { ...asked, nonce: hexOf(draw, 16), parameters: '[]' };
    const hash = requestHash(request);
    const signatures = Object.entries(APPROVERS).map(([approver, secret]) => ({
      approver,
      key: toHex(publicKeyOf(secret)),
      signature: toHex(approve(fromHex(hash, 'a request'), secret)),
    }));
    const costs = purpose === 'quality' && this.reservations < 7 && draw(2) === 0;
    this.uses.push({ who: principal, purpose, time, cells: CELLS });
    return this.log('release.intent', {
      ...asked,
      parameters: [],
      table: 'visits',
      epoch: 3,
      decided: time,
      operations: ['aggregate'],
      fields: ['ward'],
      policy: { revision: this.document.revision, digest },
      consent: {
        digest: toHex(consentDigest(purpose, notices, live)),
        subjects: live?.size ?? null,
        time,
      },
      approvers: [],
      ...(purpose === 'billing' && {
        approval: { request: hash, nonce: request.nonce, signatures },
      }),
      ...(principal === TOOL.name && { tool: { bundle: TOOL.bundle, query: 'count' } }),
      ...(costs && { reserved: { reservation: this.reservations++, cost: COST, budget: BUDGET } }),
      work: hexOf(draw, 32),
      cells: CELLS,
    });
  }

  private release(principal: string, purpose: string): void {
    const intent = this.intent(principal, purpose);
    if (intent === undefined) return;
    const cells = 1 + this.draw(CELLS);
    this.uses.at(-1)!.cells = cells;
    const checked = this.time + MINUTE / 2;
    const outcome = { released: true, cells, checked, computed: hexOf(this.draw, 32) };
    this.log('release.outcome', outcome, intent);
  }

  /** Work that came to nothing: cut off, begun anew, or answered falsely. */
  private fail(principal: string): void {
    const intent = this.intent(principal, 'quality');
    const which = this.draw(3);
    if (intent === undefined || which === 0) return;
    if (which === 1) this.uses.pop();
    const code = which === 1 ? 'EPOCH_CONFLICT' : 'ANSWER_FALSIFIED';
    const refusal = { released: false, code, again: which === 1, froze: which === 2 };
    this.log('release.outcome', refusal, intent);
    if (which === 1) return;
    this.log('release.lift', { since: this.time });
  }
}

/** A history of so many steps of a gate that keeps its rules. */
export function gateHistory(draw: Draw, steps: number): MadeEntry[] {
  const model = new ModelGate(draw);
  for (let i = 0; i < steps; i++) model.step();
  return model.entries;
}

/** Entries with their numbers. */
export function rendered(entries: readonly MadeEntry[]): OpenedEntry[] {
  return entries.map(({ kind, time, content, intent }, index) => {
    const of = intent === undefined ? {} : { intent: Math.max(0, entries.indexOf(intent)) };
    const text = typeof content === 'string' ? content : JSON.stringify({ ...content, ...of });
    return { index, kind, time, details: [utf8(text)] };
  });
}
