import { toHex } from '../../bytes/hex.ts';
import { afterEvents, consentDigest, consenting, NO_CONSENT } from '../consent.ts';
import type { GrantContent } from './entry.ts';
import { RACE_MS } from './race.ts';

/** A grant as a log tells of it. */
export interface LoggedGrant extends GrantContent {
  readonly index: number;
}

interface LoggedWithdrawal {
  readonly index: number;
  readonly time: number;
  readonly ids: readonly string[];
}

/** Whose consent somebody says was in force. */
export interface ConsentClaim {
  /** The entry that says so. */
  readonly index: number;
  readonly purpose: string;
  /** Null: the purpose asks for none. */
  readonly notices: readonly string[] | null;
  /** When it was looked up. */
  readonly time: number;
  /** 64 hex digits. */
  readonly digest: string;
}

type Subjects = ReadonlySet<string>;

/** The subjects of a claim. */
export interface Consenting {
  readonly subjects: Subjects;
  /** Nothing but a withdrawal ends any of their consents before. */
  readonly until: number;
}

const NOBODY: Consenting = { subjects: new Set(), until: Infinity };

/** Withdrawals of uncertain order that are tried one after the other. */
const MOST_UNCERTAIN = 64;

/**
 * Consents by a log. A grant is logged before it counts and a withdrawal after it does, so that near an entry the
 * order of the log is not quite that of what the gate saw: what cannot be told apart is tried.
 */
export class ConsentHistory {
  private readonly grants: LoggedGrant[] = [];
  private readonly withdrawals: LoggedWithdrawal[] = [];
  private readonly gone = new Set<string>();
  /** By purpose and notices, as of the last event. */
  private readonly known = new Map<string, Known>();
  /** Grants and withdrawals whose details are gone. */
  shredded = 0;

  grant(grant: LoggedGrant): void {
    this.grants.push(grant);
    this.known.clear();
  }

  withdraw(withdrawal: LoggedWithdrawal): void {
    this.withdrawals.push(withdrawal);
    for (const id of withdrawal.ids) this.gone.add(id);
    this.known.clear();
  }

  /** The subjects of a claim by the log as far as it was read; undefined: its digest is not theirs. */
  now(claim: ConsentClaim): Consenting | undefined {
    const { notices } = claim;
    if (notices === null) return isOf(claim, undefined) ? NOBODY : undefined;
    const known = this.knownFor(claim, notices);
    return known.digest === claim.digest ? known : undefined;
  }

  /** The same, once the whole log was read, of some order of events that the log does not exclude. */
  ever(claim: ConsentClaim): Consenting | undefined {
    const { index, notices, time } = claim;
    if (notices === null) return isOf(claim, undefined) ? NOBODY : undefined;
    const grants = this.grants.filter((one) => one.index < index);
    const certain = new Set<string>();
    const uncertain: LoggedWithdrawal[] = [];
    for (const one of this.withdrawals) {
      if (one.index < index && one.time + RACE_MS < time) one.ids.forEach((id) => certain.add(id));
      else if (one.index < index || one.time <= time) uncertain.push(one);
    }
    uncertain.sort((a, b) => a.time - b.time);
    // One command logs all of its grants under one time, and they count together, at its end.
    const commands = [...new Set(grants.map(({ given }) => given))].sort((a, b) => b - a);
    for (let dropped = 0; dropped <= Math.min(2, commands.length); dropped++) {
      const late = new Set(commands.slice(0, dropped));
      const counted = grants.filter(({ given }) => !late.has(given));
      const gone = new Set(certain);
      for (let applied = 0; applied <= Math.min(uncertain.length, MOST_UNCERTAIN); applied++) {
        if (applied > 0) for (const id of uncertain[applied - 1]!.ids) gone.add(id);
        const subjects = liveOf(counted, gone, claim.purpose, notices, time);
        if (isOf(claim, subjects)) return { subjects, until: 0 };
      }
    }
    return undefined;
  }

  /** How many of them consented no more, for certain, when a release was looked at again before entry `index`. */
  ended(
    { subjects, until }: Consenting,
    claim: ConsentClaim,
    index: number,
    checked: number,
  ): number {
    const { notices } = claim;
    if (notices === null) return 0;
    const withdrawn = this.withdrawals.filter(
      (one) => one.index < index && one.time + RACE_MS < checked,
    );
    // Those before the claim are no news to it.
    if (checked < until && !withdrawn.some((one) => one.index > claim.index)) return 0;
    const gone = new Set(withdrawn.flatMap(({ ids }) => ids));
    const grants = this.grants.filter((one) => one.index < index);
    const live = liveOf(grants, gone, claim.purpose, notices, checked);
    return [...subjects].filter((subject) => !live.has(subject)).length;
  }

  private knownFor({ purpose, time }: ConsentClaim, notices: readonly string[]): Known {
    const key = JSON.stringify([purpose, notices]);
    const known = this.known.get(key);
    if (known !== undefined && known.from <= time && time < known.until) return known;
    const subjects = liveOf(this.grants, this.gone, purpose, notices, time);
    let [from, until] = [0, Infinity];
    for (const { given, expires } of this.grants) {
      for (const turn of [given, expires ?? Infinity]) {
        if (turn <= time) from = Math.max(from, turn);
        else until = Math.min(until, turn);
      }
    }
    const digest = toHex(consentDigest(purpose, notices, subjects));
    const found = { subjects, digest, from, until };
    this.known.set(key, found);
    return found;
  }
}

/** What was made out, and from when on it holds. */
interface Known extends Consenting {
  readonly digest: string;
  readonly from: number;
}

function liveOf(
  grants: readonly LoggedGrant[],
  gone: ReadonlySet<string>,
  purpose: string,
  notices: readonly string[],
  time: number,
): Subjects {
  const events = grants
    .filter((one) => one.purpose === purpose && !gone.has(one.id))
    .map(({ subject, notice, given, expires }) => {
      return { kind: 'grant', subject, purpose, notice, time: given, expires } as const;
    });
  return consenting(afterEvents(NO_CONSENT, events), purpose, notices, time);
}

function isOf({ purpose, notices, digest }: ConsentClaim, subjects: Subjects | undefined): boolean {
  return toHex(consentDigest(purpose, notices, subjects)) === digest;
}
