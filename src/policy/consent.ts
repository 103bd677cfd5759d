import { utf8 } from '../bytes/codec.ts';
import { sha256 } from '../bytes/hash.ts';

/**
 * What a subject said: yes to a purpose as one version of the notice explains it, or no more. A withdrawal
 * without a notice is of all its versions.
 */
export type ConsentEvent =
  | {
      readonly kind: 'grant';
      readonly subject: string;
      readonly purpose: string;
      readonly notice: string;
      /** Milliseconds since 1970: from when it counts. */
      readonly time: number;
      /** Until when; null: until it is withdrawn. */
      readonly expires: number | null;
    }
  | {
      readonly kind: 'withdraw';
      readonly subject: string;
      readonly purpose: string;
      readonly notice: string | null;
      readonly time: number;
    };

/** A grant that was not withdrawn. */
export interface Grant {
  readonly from: number;
  readonly expires: number | null;
}

/** Grants, by subject and then by purpose and notice version; immutable. */
export interface ConsentState {
  readonly grants: ReadonlyMap<string, ReadonlyMap<string, Grant>>;
}

export const NO_CONSENT: ConsentState = { grants: new Map() };

/** One key for two texts, whatever is in them. */
const keyOf = (purpose: string, notice: string): string => JSON.stringify([purpose, notice]);

/**
 * The state after events, which are in the order in which they were logged: that order counts, not their times. So
 * a withdrawal holds from the entry on that records it, whatever clock its time came from.
 */
export function afterEvents(state: ConsentState, events: readonly ConsentEvent[]): ConsentState {
  const grants = new Map(state.grants);
  for (const event of events) {
    const own = new Map(grants.get(event.subject));
    if (event.kind === 'grant') {
      const { purpose, notice, time, expires } = event;
      own.set(keyOf(purpose, notice), { from: time, expires });
    } else if (event.notice !== null) {
      own.delete(keyOf(event.purpose, event.notice));
    } else {
      const start = `[${JSON.stringify(event.purpose)},`;
      for (const key of own.keys()) if (key.startsWith(start)) own.delete(key);
    }
    if (own.size > 0) grants.set(event.subject, own);
    else grants.delete(event.subject);
  }
  return { grants };
}

/** The subjects whose consent to a purpose, by one of these versions of its notice, is in force now. */
export function consenting(
  state: ConsentState,
  purpose: string,
  notices: readonly string[],
  now: number,
): ReadonlySet<string> {
  const keys = notices.map((notice) => keyOf(purpose, notice));
  const inForce = (grant: Grant | undefined): boolean =>
    grant !== undefined && grant.from <= now && (grant.expires === null || now < grant.expires);
  const live = [...state.grants].filter(([, own]) => keys.some((key) => inForce(own.get(key))));
  return new Set(live.map(([subject]) => subject));
}

/**
 * SHA-256 of whose consent a computation is grounded on.
 * @param notices the versions that count; null: the purpose asks for none
 * @param live undefined where it asks for none
 */
export function consentDigest(
  purpose: string,
  notices: readonly string[] | null,
  live: ReadonlySet<string> | undefined,
): Uint8Array {
  const subjects = live === undefined ? null : [...live].sort();
  return sha256(utf8(`opaline consent v1\n${JSON.stringify([purpose, notices, subjects])}\n`));
}

/**
 * The rows that must not count, ascending: whose subject did not consent, and whose subject is unknown.
 * `subjects` has one entry for each row.
 */
export function excludedRows(
  subjects: readonly (string | null)[],
  live: ReadonlySet<string>,
): number[] {
  return subjects.flatMap((subject, row) => (subject !== null && live.has(subject) ? [] : [row]));
}
