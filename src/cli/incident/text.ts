import { clockOf, clockText } from '../../policy/incident/clock.ts';
import { type Incident, pending } from '../../policy/incident/incident.ts';
import { type Notice, peopleText, periodText } from '../../policy/incident/notice.ts';
import type { IncidentScope } from '../../policy/incident/scope.ts';
import { oneLine } from '../output/one-line.ts';
import { tableText } from '../output/table-text.ts';

const instant = (time: number): string => new Date(time).toISOString();

/** An incident's state in a word or two. */
function stateText(one: Incident): string {
  if (one.closed !== null) return 'closed';
  const left = pending(one).length > 0 ? ', measures left' : '';
  return `${one.freeze ? 'frozen' : 'open'}${left}`;
}

const noticeText = ({ opened, noticeHours }: Incident, now: number): string =>
  clockText(clockOf(opened, noticeHours, now));

/** Incidents as a table for a person. */
export function incidentRows(incidents: readonly Incident[], now: number): string {
  if (incidents.length === 0) return 'no incidents\n';
  return tableText(
    ['id', 'opened', 'by', 'state', 'notice', 'reason'],
    incidents.map((one) => [
      one.id,
      instant(one.opened),
      oneLine(one.by),
      stateText(one),
      noticeText(one, now),
      oneLine(one.reason),
    ]),
  );
}

/** An incident as plain data; times as RFC 3339, in UTC. */
export function incidentJson(one: Incident, now: number): object {
  const { opened, measures, closed, noticeHours } = one;
  const { due } = clockOf(opened, noticeHours, now);
  return {
    ...one,
    state: stateText(one),
    opened: instant(opened),
    notice: { due: instant(due), text: noticeText(one, now) },
    measures: measures.map((measure) => ({ ...measure, time: instant(measure.time) })),
    closed: closed && { ...closed, time: instant(closed.time) },
    pending: pending(one),
  };
}

/** A scope as plain data, with the subjects' names. */
export function scopeJson(one: Incident, scope: IncidentScope, now: number): object {
  const { filter, releases, period } = scope;
  const at = (time: number | null): string | null => (time === null ? null : instant(time));
  return {
    incident: incidentJson(one, now),
    ...scope,
    filter: { ...filter, since: at(filter.since), until: at(filter.until) },
    releases: releases.map((release) => ({ ...release, time: instant(release.time) })),
    period: period && { from: instant(period.from), until: instant(period.until) },
  };
}

/** A scope for a person: releases, and how many subjects. */
export function scopeText(one: Incident, scope: IncidentScope, now: number): string {
  const { releases, tables } = scope;
  const rows = releases.map((release) => [
    String(release.intent),
    instant(release.time),
    oneLine(release.principal),
    oneLine(release.purpose),
    oneLine(release.table),
    release.columns.map(oneLine).join(', '),
    release.outcome,
    String(release.cells),
    release.subjects === null ? 'not recorded' : String(release.subjects),
  ]);
  const titles = [
    'entry',
    'time',
    'principal',
    'purpose',
    'table',
    'columns',
    'outcome',
    'cells',
    'subjects',
  ];
  return [
    `incident ${one.id} (${stateText(one)}): ${oneLine(one.reason)}\n`,
    `notice ${noticeText(one, now)}\n\n`,
    rows.length === 0 ? '' : `${tableText(titles, rows)}\n`,
    `${periodText(scope)}\n${peopleText(scope)}\n`,
    ...tables.map(
      ({ table, columns }) => `${oneLine(table)}: ${columns.map(oneLine).join(', ')}\n`,
    ),
  ].join('');
}

/** A notice as plain data. */
export function noticeJson(notice: Notice): object {
  const { drafted, clock } = notice;
  return {
    ...notice,
    drafted: instant(drafted),
    clock: { ...clock, due: instant(clock.due), text: clockText(clock) },
  };
}
