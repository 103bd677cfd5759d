import type { DataClass } from '../assessment/categories.ts';
import { type Clock, clockOf, clockText } from './clock.ts';
import type { Incident } from './incident.ts';
import type { IncidentScope } from './scope.ts';

/** Whom a notice is for. */
export const AUDIENCES = ['authority', 'subjects'] as const;
export type Audience = (typeof AUDIENCES)[number];

/** A column that was computed on, as the data map has it. */
export interface AffectedColumn {
  readonly table: string;
  readonly column: string;
  readonly category: string | null;
  readonly class: DataClass;
}

export interface NoticeFacts {
  /** Whose data it is: the organisation's name, or the vault's log. */
  readonly controller: string;
  readonly incident: Incident;
  readonly scope: IncidentScope;
  readonly columns: readonly AffectedColumn[];
  /** The accountable officer, with how to reach them where that is known. */
  readonly contact: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface NoticeTable {
  readonly caption: string;
  readonly titles: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface NoticeSection {
  readonly id: string;
  readonly title: string;
  readonly paragraphs: readonly string[];
  readonly items: readonly string[];
  readonly table: NoticeTable | null;
}

/** A draft: what the vault knows is filled in, what no program can know is marked. */
export interface Notice {
  readonly audience: Audience;
  readonly title: string;
  readonly incident: string;
  /** Milliseconds since 1970. */
  readonly drafted: number;
  readonly clock: Clock;
  readonly sections: readonly NoticeSection[];
}

/** Marks what a person has to write. */
export const TO_COMPLETE = 'To be completed:';

/**
 * A draft of the notice of an incident: for the authority with what GDPR, article 33(3), and the Personal Information
 * Protection Law of China, article 57, ask for; for the people concerned with what GDPR, article 34(2), asks for, in
 * words without figures of others. Neither has a principal's or a subject's name.
 */
export function noticeOf(facts: NoticeFacts, audience: Audience): Notice {
  const { controller, incident, now } = facts;
  return {
    audience,
    title:
      audience === 'authority'
        ? `Notification of a personal data breach: ${controller}`
        : `Notice about your personal data: ${controller}`,
    incident: incident.id,
    drafted: now,
    clock: clockOf(incident.opened, incident.noticeHours, now),
    sections: audience === 'authority' ? forAuthority(facts) : forSubjects(facts),
  };
}

function forAuthority(facts: NoticeFacts): readonly NoticeSection[] {
  const { incident, scope, columns, contact, now } = facts;
  const clock = clockOf(incident.opened, incident.noticeHours, now);
  return [
    section('happened', 'What happened', [
      incident.reason,
      `Became known and was opened as incident ${incident.id} on ${instant(incident.opened)}.`,
      periodText(scope),
    ]),
    section('people', 'People concerned', [peopleText(scope)]),
    { ...section('data', 'Personal data concerned', []), table: columnTable(columns) },
    section('releases', 'What was computed and released', releaseTexts(scope)),
    section('consequences', 'Likely consequences', [
      `${TO_COMPLETE} what may follow for the people concerned.`,
    ]),
    { ...section('measures', 'Measures taken', []), items: measureTexts(incident) },
    section('contact', 'Contact', [contact]),
    section('deadline', 'Deadline', [
      `This notice is ${clockText(clock)}.`,
      'GDPR, article 33(1): without undue delay and, where feasible, within 72 hours; reasons for a later one are to be given. Personal Information Protection Law of China, article 57: immediately.',
    ]),
    { ...section('limits', 'What this draft does not say', []), items: LIMITS },
  ];
}

function forSubjects({ incident, scope, columns, contact }: NoticeFacts): readonly NoticeSection[] {
  return [
    section('happened', 'What happened', [
      `On ${instant(incident.opened)} we became aware of an incident in which information about you may have been used without right.`,
      `${TO_COMPLETE} what happened, in plain words. Recorded: ${incident.reason}`,
      periodText(scope),
    ]),
    { ...section('data', 'Which of your data', []), table: columnTable(columns) },
    section('consequences', 'What may follow', [
      `${TO_COMPLETE} likely consequences for the people concerned.`,
    ]),
    { ...section('measures', 'What we have done', []), items: measureTexts(incident) },
    section('protect', 'What you can do', [
      `${TO_COMPLETE} what people can do themselves to limit harm.`,
    ]),
    section('contact', 'Whom to ask', [contact]),
  ];
}

const LIMITS: readonly string[] = [
  'what happened outside of the vault’s gate: it knows of what it answered, and of nothing else',
  'whether a person’s rows, which counted, were among those that a query’s own condition chose',
  'what whoever received a result has done with it',
];

function section(id: string, title: string, paragraphs: readonly string[]): NoticeSection {
  return { id, title, paragraphs, items: [], table: null };
}

function columnTable(columns: readonly AffectedColumn[]): NoticeTable {
  return {
    caption: 'Columns that were computed on, with the categories of the schema',
    titles: ['Column', 'Table', 'Category', 'Class'],
    rows: columns.map(({ table, column, category, class: of }) => [
      column,
      table,
      category ?? 'not stated',
      CLASS[of],
    ]),
  };
}

const CLASS: Readonly<Record<DataClass, string>> = {
  sensitive: 'personal, sensitive',
  personal: 'personal',
  none: 'not personal',
  unstated: 'not stated: counted as personal',
};

/** How many people are concerned, as far as the log tells. */
export function peopleText({ subjects, forgotten, unrecorded }: IncidentScope): string {
  const exposed = subjects.filter((one) => one.exposed).length + forgotten.exposed;
  const all = subjects.length + forgotten.all;
  const least = unrecorded > 0 ? 'At least ' : '';
  return [
    `${least}${exposed} people whose data went into something that left, or may have; ${least.toLowerCase()}${all} whose data was computed on.`,
    ...(forgotten.all > 0 ? [`${forgotten.all} of them were erased, and nobody knows who.`] : []),
    ...(unrecorded > 0
      ? [
          `Of ${unrecorded} computations the table names no subject, or it was not recorded: everybody in it may be concerned.`,
        ]
      : []),
  ].join(' ');
}

export function periodText({ period }: IncidentScope): string {
  return period === null
    ? 'The log has no computation that it concerns.'
    : `It concerns computations from ${instant(period.from)} to ${instant(period.until)}.`;
}

function releaseTexts({ releases }: IncidentScope): readonly string[] {
  const of = (outcome: string): number => releases.filter((one) => one.outcome === outcome).length;
  const cells = releases.reduce((sum, one) => sum + one.cells, 0);
  const purposes = [...new Set(releases.map(({ purpose }) => purpose))].sort();
  return [
    `${releases.length} computations, of which ${of('released')} were released, ${of('withheld')} were not, and of ${of('unknown')} it is not known; ${cells} cells of results at most.`,
    purposes.length === 0 ? 'For no purpose.' : `For these purposes: ${purposes.join(', ')}.`,
  ];
}

function measureTexts({ freeze, principals, measures, closed }: Incident): readonly string[] {
  const frozen = measures.find(({ kind }) => kind === 'freeze');
  const rotated = measures.filter(({ kind }) => kind === 'rotate');
  const revoked = measures.filter(({ kind }) => kind === 'revoke');
  return [
    ...(freeze && frozen !== undefined
      ? [`On ${instant(frozen.time)} every release was stopped.`]
      : []),
    ...(principals.length > 0
      ? [`Access was taken from ${revoked.length} of ${principals.length} accounts.`]
      : []),
    ...(rotated.length > 0
      ? [`The keys of these tables were replaced: ${rotated.map(({ what }) => what).join(', ')}.`]
      : []),
    ...(closed === null
      ? [`${TO_COMPLETE} further measures, and those that are proposed.`]
      : [closed.measures, `Closed on ${instant(closed.time)} by ${closed.officers.join(', ')}.`]),
  ];
}

const instant = (time: number): string => new Date(time).toISOString();
