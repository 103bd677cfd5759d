import type { Incident } from '../../../../src/policy/incident/incident.ts';
import type { NoticeFacts } from '../../../../src/policy/incident/notice.ts';

export const OPENED: number = Date.parse('2026-03-01T12:00:00Z');

/** An incident whose measures are taken. */
export function incident(changes: Partial<Incident> = {}): Incident {
  return {
    id: '0123456789abcdef',
    opened: OPENED,
    by: 'moss',
    reason: 'a token was found in a public <place>',
    principals: ['ana-principal'],
    purposes: [],
    freeze: true,
    rotation: 'done',
    noticeHours: 72,
    entry: 7,
    measures: [
      { kind: 'freeze', what: '', time: OPENED, entry: 8 },
      { kind: 'revoke', what: 'ana-principal', time: OPENED, entry: 9 },
      { kind: 'rotate', what: 'visits', time: OPENED, entry: 10 },
    ],
    closed: null,
    ...changes,
  };
}

/** Of an incident that concerns three people by name and one who was erased. */
export const NOTICE_FACTS: NoticeFacts = {
  controller: 'Ward & <Sons>',
  incident: incident(),
  scope: {
    filter: { since: null, until: null, principals: [], purposes: [] },
    releases: [
      {
        intent: 3,
        time: OPENED - 1000,
        principal: 'ana-principal',
        purpose: 'quality',
        table: 'visits',
        epoch: 2,
        columns: ['days', 'ward'],
        operations: ['aggregate'],
        outcome: 'released',
        cells: 6,
        subjects: 4,
      },
    ],
    subjects: [
      { name: 'ann-a', exposed: true },
      { name: 'bob-b', exposed: false },
      { name: 'cid-c', exposed: false },
    ],
    forgotten: { all: 1, exposed: 1 },
    unrecorded: 0,
    tables: [{ table: 'visits', columns: ['days', 'ward'] }],
    period: { from: OPENED - 1000, until: OPENED - 1000 },
  },
  columns: [
    { table: 'visits', column: 'days', category: 'health', class: 'sensitive' },
    { table: 'visits', column: 'ward', category: null, class: 'unstated' },
  ],
  contact: 'Moss, moss@example.org.',
  now: OPENED + 3_600_000,
};
