import { z } from 'zod';
import { utf8 } from '../../bytes/codec.ts';
import { randomId } from '../../bytes/random.ts';
import type { Logged, LogEntry } from '../../audit/file/audit-log.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { afterEvents, type ConsentState, NO_CONSENT } from '../../policy/consent.ts';
import type { SealedJson } from './sealed-json.ts';

const text = z.string().min(1).max(1000);
const time = z.int().min(0);
const place = z.int().min(0);

const record: z.ZodType<ConsentRecord> = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{32}$/),
  subject: text,
  purpose: text,
  notice: text,
  given: time,
  expires: time.nullable(),
  entry: place,
  withdrawn: z.strictObject({ time, entry: place.nullable() }).nullable(),
});

/** One consent, as it was given and, where it was, withdrawn. */
export interface ConsentRecord {
  /** 32 hex digits, random. */
  readonly id: string;
  readonly subject: string;
  readonly purpose: string;
  /** Version of the notice by which the purpose was explained. */
  readonly notice: string;
  /** Milliseconds since 1970, as all times here. */
  readonly given: number;
  readonly expires: number | null;
  /** Where in the audit log the grant is. */
  readonly entry: number;
  /** `entry`: null where its writer died before it was logged. */
  readonly withdrawn: { readonly time: number; readonly entry: number | null } | null;
}

export interface ConsentValue {
  readonly records: readonly ConsentRecord[];
}

/** What consent.opal holds. */
export const consentForm: z.ZodType<ConsentValue> = z.strictObject({
  records: z.array(record).max(10_000_000),
});

export interface NewConsent {
  readonly subject: string;
  readonly purpose: string;
  readonly notice: string;
  readonly expires: number | null;
}

export type Log = (entries: readonly LogEntry[]) => Promise<readonly Logged[]>;

/** Entries of the log that are appended at once. */
const AT_ONCE = 256;

/**
 * Who consented to what. Each grant and each withdrawal is an entry of the audit log too, sealed under the
 * subject's own key. A grant counts once it is logged, a withdrawal before it is: whatever dies between, nobody's
 * data is used who did not consent or consents no more.
 */
export class ConsentLedger {
  private readonly file: SealedJson<ConsentValue>;
  private readonly log: Log;
  private known: { readonly value: ConsentValue; readonly state: ConsentState } | undefined;

  constructor(file: SealedJson<ConsentValue>, log: Log) {
    this.file = file;
    this.log = log;
  }

  /** Consents that were not withdrawn, as they are on the disk now. */
  async state(): Promise<ConsentState> {
    const value = await this.file.read();
    if (this.known?.value !== value) {
      const grants = value.records
        .filter(({ withdrawn }) => withdrawn === null)
        .map(({ subject, purpose, notice, given, expires }) => {
          return { kind: 'grant', subject, purpose, notice, time: given, expires } as const;
        });
      this.known = { value, state: afterEvents(NO_CONSENT, grants) };
    }
    return this.known.state;
  }

  /** Every consent of a subject, or of all; withdrawn ones too. */
  async records(subject?: string): Promise<readonly ConsentRecord[]> {
    const { records } = await this.file.read();
    return subject === undefined ? records : records.filter((one) => one.subject === subject);
  }

  /** Subjects to whom a notice of one of some purposes was ever given: who consented was notified. */
  async notified(purposes: ReadonlySet<string>): Promise<ReadonlySet<string>> {
    const { records } = await this.file.read();
    return new Set(
      records.filter(({ purpose }) => purposes.has(purpose)).map(({ subject }) => subject),
    );
  }

  /** @throws USAGE for a text that is empty or long */
  async grant(consents: readonly NewConsent[], now: number): Promise<readonly ConsentRecord[]> {
    const added: ConsentRecord[] = [];
    await this.file.change(async ({ records }) => {
      for (let from = 0; from < consents.length; from += AT_ONCE) {
        const some = consents.slice(from, from + AT_ONCE).map((one) => checked(one, now));
        const logged = await this.log(some.map((one) => grantEntry(one, now)));
        some.forEach((one, i) => added.push({ ...one, entry: logged[i]!.proof.index }));
      }
      return { records: [...records, ...added] };
    });
    return added;
  }

  /**
   * Withdraw a subject's consents to a purpose: by one version of its notice, or by all. It holds from the next
   * step of any request on.
   * @returns those that were withdrawn; none where there was none in force
   */
  async withdraw(
    {
      subject,
      purpose,
      notice,
    }: Omit<NewConsent, 'notice' | 'expires'> & { notice: string | null },
    now: number,
  ): Promise<readonly ConsentRecord[]> {
    const meant = (one: ConsentRecord): boolean =>
      one.withdrawn === null &&
      one.subject === subject &&
      one.purpose === purpose &&
      (notice === null || one.notice === notice);
    const ids = new Set<string>();
    await this.file.change(({ records }) => ({
      records: records.map((one) => {
        if (!meant(one)) return one;
        ids.add(one.id);
        return { ...one, withdrawn: { time: now, entry: null } };
      }),
    }));
    if (ids.size === 0) return [];
    const content = detail({ subject, purpose, notice, records: [...ids] });
    const entry = { kind: 'consent.withdraw', time: now, details: [{ subject, content }] };
    const [logged] = await this.log([entry]);
    const index = logged!.proof.index;
    const { records } = await this.file.change((value) => ({
      records: value.records.map((one) =>
        ids.has(one.id) ? { ...one, withdrawn: { time: now, entry: index } } : one,
      ),
    }));
    return records.filter(({ id }) => ids.has(id));
  }

  /** @throws USAGE */
  async find(id: string): Promise<ConsentRecord> {
    const found = (await this.file.read()).records.find((one) => one.id === id);
    if (found !== undefined) return found;
    throw new OpalineError('USAGE', { reason: `there is no consent of the id ${id}` });
  }
}

function checked(consent: NewConsent, now: number): Omit<ConsentRecord, 'entry'> {
  const { subject, purpose, notice, expires } = consent;
  const made = { id: randomId(), subject, purpose, notice, given: now, expires, withdrawn: null };
  const parsed = record.safeParse({ ...made, entry: 0 });
  if (parsed.success) return made;
  const { path, message } = parsed.error.issues[0]!;
  throw new OpalineError('USAGE', { reason: `a consent’s ${path.join('.')}: ${message}` });
}

function grantEntry({ subject, ...rest }: Omit<ConsentRecord, 'entry'>, time: number): LogEntry {
  const content = detail({ subject, ...rest });
  return { kind: 'consent.grant', time, details: [{ subject, content }] };
}

const detail = (value: object): Uint8Array => utf8(JSON.stringify(value));
