import { z } from 'zod';
import { decodeNumbers } from './number-set.ts';

/** Kinds of the log's entries that say whose data was computed on. */
export const ENTRY = {
  /** Subjects get numbers: the first detail says from which on, each of the others names the next subject. */
  enrol: 'subjects.enrol',
  /** Numbers of subjects whose rows counted. */
  set: 'subjects.set',
  intent: 'release.intent',
  outcome: 'release.outcome',
} as const;

/** An entry of the audit log, opened. */
export interface OpenedEntry {
  /** Its number in the log. */
  readonly index: number;
  readonly kind: string;
  /** Milliseconds since 1970, as all times here. */
  readonly time: number;
  /** Parsed JSON of each detail; undefined: it was shredded. */
  readonly contents: readonly unknown[];
}

/** What of the log an incident is about: all of these must hold of a release. */
export interface ScopeFilter {
  /** From this moment on; null: from the log's beginning. */
  readonly since: number | null;
  /** To this moment, which belongs to it; null: to the log's end. */
  readonly until: number | null;
  /** Of these principals; none: of all. */
  readonly principals: readonly string[];
  /** For these purposes; none: for all. */
  readonly purposes: readonly string[];
}

/**
 * released: what was computed has left. withheld: the log says that it has not. unknown: nothing is logged after the
 * intent, so that it may have left.
 */
export type ReleaseOutcome = 'released' | 'withheld' | 'unknown';

/** One computation that the gate did, or may have done. */
export interface AffectedRelease {
  /** Number of the entry of its intent. */
  readonly intent: number;
  readonly time: number;
  readonly principal: string;
  readonly purpose: string;
  readonly table: string;
  readonly epoch: number;
  readonly columns: readonly string[];
  readonly operations: readonly string[];
  readonly outcome: ReleaseOutcome;
  /** Cells that left; of an unknown outcome as many as could. */
  readonly cells: number;
  /** Subjects whose rows counted; null: not recorded, for the table names none. */
  readonly subjects: number | null;
}

export interface AffectedSubject {
  readonly name: string;
  /** Something that was computed on their data has left, or may have. */
  readonly exposed: boolean;
}

export interface IncidentScope {
  readonly filter: ScopeFilter;
  /** In the order of the log. */
  readonly releases: readonly AffectedRelease[];
  /** By name. */
  readonly subjects: readonly AffectedSubject[];
  /** Subjects that were shredded, whom nothing names any more. */
  readonly forgotten: { readonly all: number; readonly exposed: number };
  /** Releases of which the subjects are not recorded: anybody of the table may be concerned. */
  readonly unrecorded: number;
  /** Columns that were computed on, by table. */
  readonly tables: readonly { readonly table: string; readonly columns: readonly string[] }[];
  /** Of the first and the last release; null: there is none. */
  readonly period: { readonly from: number; readonly until: number } | null;
}

const place = z.int().min(0);

const intentForm = z.object({
  principal: z.string(),
  purpose: z.string(),
  table: z.string(),
  epoch: place,
  operations: z.array(z.string()),
  fields: z.array(z.string()),
  cells: place,
  subjects: z.object({ entry: place, count: place }).nullish(),
});
const outcomeForm = z.object({
  intent: place.nullable(),
  released: z.boolean(),
  cells: place.optional(),
});
const enrolForm = z.object({ first: place });
const subjectForm = z.object({ subject: z.string() });
const setForm = z.object({ table: z.string(), members: z.string() });

/** A subject's name since an entry of the log; undefined: it was shredded. */
interface Named {
  readonly entry: number;
  readonly name: string | undefined;
}

/**
 * Which releases an incident is about, and whose data they were computed on, by the log alone: its entries in their
 * order, opened. A subject counts where its rows did: a filter of the query may have left it out of a figure, which
 * the log cannot tell, for nobody but the vault has looked.
 *
 * A number that is given again, after its file was lost, is from then on the later subject's.
 */
export function scopeOfIncident(
  entries: Iterable<OpenedEntry>,
  filter: ScopeFilter,
): IncidentScope {
  const names = new Map<number, Named[]>();
  const sets = new Map<number, readonly number[]>();
  const intents = new Map<number, { readonly time: number; readonly said: Intent }>();
  const outcomes = new Map<number, z.infer<typeof outcomeForm>>();
  for (const { index, kind, time, contents } of entries) {
    if (kind === ENTRY.enrol) enrol(names, index, contents);
    else if (kind === ENTRY.set) {
      const set = setForm.safeParse(contents[0]).data;
      if (set !== undefined) sets.set(index, decodeNumbers(set.members));
    } else if (kind === ENTRY.intent) {
      const said = intentForm.safeParse(contents[0]).data;
      if (said !== undefined && isWithin(filter, time, said)) intents.set(index, { time, said });
    } else if (kind === ENTRY.outcome) {
      const said = outcomeForm.safeParse(contents[0]).data;
      if (typeof said?.intent === 'number') outcomes.set(said.intent, said);
    }
  }
  const releases = [...intents].map(([intent, { time, said }]) =>
    releaseOf(intent, time, said, outcomes.get(intent)),
  );
  return {
    filter,
    releases,
    ...subjectsOf(releases, intents, sets, names),
    tables: tablesOf(releases),
    period:
      releases.length === 0
        ? null
        : {
            from: releases.reduce((least, { time }) => Math.min(least, time), Infinity),
            until: releases.reduce((most, { time }) => Math.max(most, time), 0),
          },
  };
}

type Intent = z.infer<typeof intentForm>;

function enrol(names: Map<number, Named[]>, entry: number, contents: readonly unknown[]): void {
  const [head, ...subjects] = contents;
  const parsed = enrolForm.safeParse(head).data;
  if (parsed === undefined) return;
  for (const [i, content] of subjects.entries()) {
    const number = parsed.first + i;
    const name = subjectForm.safeParse(content).data?.subject;
    const before = names.get(number);
    if (before === undefined) names.set(number, [{ entry, name }]);
    else before.push({ entry, name });
  }
}

function isWithin(
  { since, until, principals, purposes }: ScopeFilter,
  time: number,
  { principal, purpose }: Intent,
): boolean {
  return (
    (since === null || time >= since) &&
    (until === null || time <= until) &&
    (principals.length === 0 || principals.includes(principal)) &&
    (purposes.length === 0 || purposes.includes(purpose))
  );
}

function releaseOf(
  intent: number,
  time: number,
  said: Intent,
  outcome: z.infer<typeof outcomeForm> | undefined,
): AffectedRelease {
  const { principal, purpose, table, epoch, fields, operations } = said;
  const kind = outcome === undefined ? 'unknown' : outcome.released ? 'released' : 'withheld';
  return {
    intent,
    time,
    principal,
    purpose,
    table,
    epoch,
    columns: [...fields].sort(),
    operations,
    outcome: kind,
    cells: kind === 'withheld' ? 0 : (outcome?.cells ?? said.cells),
    subjects: said.subjects?.count ?? null,
  };
}

function subjectsOf(
  releases: readonly AffectedRelease[],
  intents: ReadonlyMap<number, { readonly said: Intent }>,
  sets: ReadonlyMap<number, readonly number[]>,
  names: ReadonlyMap<number, readonly Named[]>,
): Pick<IncidentScope, 'subjects' | 'forgotten' | 'unrecorded'> {
  /** By entry of a set: whether something computed on it was exposed. */
  const concerned = new Map<number, boolean>();
  let unrecorded = 0;
  for (const { intent, outcome } of releases) {
    const entry = intents.get(intent)!.said.subjects?.entry;
    if (entry === undefined || !sets.has(entry)) unrecorded++;
    else concerned.set(entry, concerned.get(entry) === true || outcome !== 'withheld');
  }
  const named = new Map<string, boolean>();
  const nameless = new Map<string, boolean>();
  for (const [entry, exposed] of concerned) {
    for (const number of sets.get(entry)!) {
      const whose = names.get(number)?.findLast((one) => one.entry < entry);
      const [to, key] =
        whose?.name === undefined
          ? [nameless, `${number}/${whose?.entry ?? ''}`]
          : [named, whose.name];
      to.set(key, to.get(key) === true || exposed);
    }
  }
  return {
    subjects: [...named]
      .map(([name, exposed]) => ({ name, exposed }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    forgotten: {
      all: nameless.size,
      exposed: [...nameless.values()].filter((exposed) => exposed).length,
    },
    unrecorded,
  };
}

function tablesOf(releases: readonly AffectedRelease[]): IncidentScope['tables'] {
  const tables = new Map<string, Set<string>>();
  for (const { table, columns } of releases) {
    const known = tables.get(table) ?? new Set();
    tables.set(table, known);
    for (const column of columns) known.add(column);
  }
  return [...tables]
    .map(([table, columns]) => ({ table, columns: [...columns].sort() }))
    .sort((a, b) => (a.table < b.table ? -1 : 1));
}
