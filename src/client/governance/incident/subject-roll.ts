import { z } from 'zod';
import type { LogEntry } from '../../../audit/file/audit-log.ts';
import { utf8 } from '../../../bytes/codec.ts';
import { hmacSha256, sha256 } from '../../../bytes/hash.ts';
import { toHex } from '../../../bytes/hex.ts';
import { OpalineError } from '../../../errors/opaline-error.ts';
import type { RecordedSubjects } from '../../../gate/governed/ports.ts';
import { encodeNumbers, MOST_NUMBERS } from '../../../policy/incident/number-set.ts';
import { ENTRY } from '../../../policy/incident/scope.ts';
import type { Log } from '../consent-ledger.ts';
import type { SealedJson } from '../sealed-json.ts';

/** What subjects.opal holds: a tag of each numbered subject, whose number is its place. */
export interface SubjectsValue {
  readonly tags: readonly string[];
}

export const subjectsForm: z.ZodType<SubjectsValue> = z.strictObject({
  tags: z.array(z.string().regex(/^[0-9a-f]{32}$/)).max(MOST_NUMBERS),
});

interface Recorded {
  readonly table: string;
  readonly value: SubjectsValue;
  readonly set: RecordedSubjects;
}

/**
 * Subjects that one entry of the log gives numbers to: few, for an append writes the sealed details of its whole bundle
 * again, and those of a bundle of enrolments are to be about as many bytes as those of releases.
 */
const AN_ENTRY = 15;
/** Subjects that are logged at once: each append may write every file of subjects' keys. */
const AT_ONCE = 8000 * AN_ENTRY;
/** Sets that are remembered to be on the record: of the purposes and tables that are asked for. */
const MOST_SETS = 1000;

/**
 * The numbers of subjects, by which the log says whose data a release was computed on (policy/incident/scope.ts): a set
 * is a bitmap of numbers. That a subject has a number is an entry of the log too, sealed under the subject's own key,
 * so that of one who is shredded the log tells a number and nobody's name. The file holds no name either.
 *
 * A number counts once it is logged: whatever dies between, no set that is logged has a number of two subjects. A file
 * that is lost, or older than the log, gives numbers anew, and the log says from which entry on.
 */
export class SubjectRoll {
  private readonly file: SealedJson<SubjectsValue>;
  private readonly tagKey: Uint8Array;
  private readonly log: Log;
  private known: { readonly value: SubjectsValue; readonly numbers: Map<string, number> };
  /** Entries of sets that this process logged, by table and digest. */
  private readonly sets = new Map<string, number>();
  /** What this process put on the record, and by which numbers. */
  private readonly recorded = new WeakMap<ReadonlySet<string>, Recorded>();
  /** Tags by name: those of a table's subjects are asked for at each request. */
  private readonly tags = new Map<string, string>();

  /** @param tagKey 32 bytes, for these tags alone */
  constructor(file: SealedJson<SubjectsValue>, tagKey: Uint8Array, log: Log) {
    this.file = file;
    this.tagKey = tagKey;
    this.log = log;
    this.known = { value: { tags: [] }, numbers: new Map() };
  }

  /** Put a set on the record, where it is not yet. @throws what logging throws; DENIED for too many subjects */
  async record(
    table: string,
    subjects: ReadonlySet<string>,
    now: number,
  ): Promise<RecordedSubjects> {
    const value = await this.file.find({ tags: [] });
    const before = this.recorded.get(subjects);
    if (before?.table === table && before.value === value) return before.set;
    const set = await this.recordAnew(table, subjects, value, now);
    this.recorded.set(subjects, { table, value: this.known.value, set });
    return set;
  }

  private async recordAnew(
    table: string,
    subjects: ReadonlySet<string>,
    value: SubjectsValue,
    now: number,
  ): Promise<RecordedSubjects> {
    const numbers =
      this.find(value, subjects) ?? this.find(await this.enrol(subjects, now), subjects)!;
    const members = encodeNumbers(numbers);
    const key = `${table} ${toHex(sha256(utf8(members)))}`;
    const known = this.sets.get(key);
    if (known !== undefined) return { entry: known, count: subjects.size };
    const content = utf8(JSON.stringify({ table, members }));
    const [logged] = await this.log([{ kind: ENTRY.set, time: now, details: [{ content }] }]);
    if (this.sets.size >= MOST_SETS) this.sets.clear();
    const entry = logged!.proof.index;
    this.sets.set(key, entry);
    return { entry, count: subjects.size };
  }

  /** The numbers of all of them; undefined where one has none. */
  private find(value: SubjectsValue, subjects: ReadonlySet<string>): number[] | undefined {
    const { numbers } = this.index(value);
    const found: number[] = [];
    for (const name of subjects) {
      const number = numbers.get(this.tagOf(name));
      if (number === undefined) return undefined;
      found.push(number);
    }
    return found;
  }

  /** Number whom the file does not know, with no other writer between. */
  private async enrol(subjects: ReadonlySet<string>, now: number): Promise<SubjectsValue> {
    await this.file.begin({ tags: [] });
    return await this.file.change(async (value) => {
      const { numbers } = this.index(value);
      const added = [...subjects].filter((name) => !numbers.has(this.tagOf(name)));
      const first = value.tags.length;
      if (first + added.length > MOST_NUMBERS) {
        throw new OpalineError('DENIED', {
          reason: 'there are more subjects than can be numbered',
        });
      }
      for (let from = 0; from < added.length; from += AT_ONCE) {
        await this.log(enrolments(added.slice(from, from + AT_ONCE), first + from, now));
      }
      return { tags: [...value.tags, ...added.map((name) => this.tagOf(name))] };
    });
  }

  private index(value: SubjectsValue): { readonly numbers: ReadonlyMap<string, number> } {
    const { known } = this;
    if (known.value === value) return known;
    const grown = value.tags.length >= known.value.tags.length;
    const continues = grown && known.value.tags.every((tag, i) => tag === value.tags[i]);
    // What was logged by numbers of another file is nobody's any more.
    if (!continues) this.sets.clear();
    this.known = { value, numbers: new Map(value.tags.map((tag, number) => [tag, number])) };
    return this.known;
  }

  private tagOf(name: string): string {
    const known = this.tags.get(name);
    if (known !== undefined) return known;
    const tag = toHex(hmacSha256(this.tagKey, utf8(name)).subarray(0, 16));
    this.tags.set(name, tag);
    return tag;
  }
}

/** Entries that number subjects from a number on. */
function enrolments(subjects: readonly string[], first: number, time: number): LogEntry[] {
  const entries: LogEntry[] = [];
  for (let from = 0; from < subjects.length; from += AN_ENTRY) {
    const head = { content: utf8(JSON.stringify({ first: first + from })) };
    const each = subjects.slice(from, from + AN_ENTRY).map((subject) => ({
      subject,
      content: utf8(JSON.stringify({ subject })),
    }));
    entries.push({ kind: ENTRY.enrol, time, details: [head, ...each] });
  }
  return entries;
}
