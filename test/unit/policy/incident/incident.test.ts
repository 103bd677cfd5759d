import { describe, expect, test } from 'vitest';
import { utf8 } from '../../../../src/bytes/codec.ts';
import { NOTE_SIGNATURE, noteKeyOfSecret } from '../../../../src/bytes/note-key.ts';
import { clockOf, clockText } from '../../../../src/policy/incident/clock.ts';
import {
  type Closing,
  formatClosing,
  openClosing,
  signClosing,
} from '../../../../src/policy/incident/closing.ts';
import {
  freezing,
  goesOnWith,
  type Incident,
  incidentsForm,
  issueOf,
  type NewIncident,
  pending,
} from '../../../../src/policy/incident/incident.ts';
import { readDocument } from '../../../../src/policy/document.ts';
import { type NoticeFacts, noticeOf, TO_COMPLETE } from '../../../../src/policy/incident/notice.ts';
import { policyOf } from '../support.ts';
import { incident, NOTICE_FACTS, OPENED } from './support.ts';

const HOUR = 3_600_000;

describe('the clock of a notice', () => {
  test.each([
    [72, 0, 'due 2026-03-04T12:00:00.000Z, 72 h 0 min left'],
    [72, 71.5 * HOUR, 'due 2026-03-04T12:00:00.000Z, 0 h 30 min left'],
    [72, 73 * HOUR, 'due 2026-03-04T12:00:00.000Z, overdue by 1 h 0 min'],
    [0, 5 * HOUR, 'due immediately, since 2026-03-01T12:00:00.000Z'],
  ])('of %d hours, after %d ms', (hours, after, text) => {
    expect(clockText(clockOf(OPENED, hours, OPENED + after))).toBe(text);
  });
});

test('a policy may have hours of its own, which are no more than a year', () => {
  const hours = (noticeHours: number) =>
    readDocument({ ...policyOf(), incidents: { noticeHours } });
  expect(hours(0)).toMatchObject({ document: { incidents: { noticeHours: 0 } } });
  for (const wrong of [-1, 1.5, 8761]) {
    expect(hours(wrong)).toMatchObject({ issues: [{ path: 'incidents.noticeHours' }] });
  }
});

describe('an incident', () => {
  const wanted: NewIncident = {
    by: 'moss',
    reason: 'a token was found',
    principals: ['ana', 'bot'],
    purposes: [],
    freeze: true,
    rotation: 'wanted',
    noticeHours: 72,
  };

  test('is of its form, or says what is not', () => {
    expect(incidentsForm.safeParse({ incidents: [incident()] }).success).toBe(true);
    expect(issueOf(wanted)).toBeUndefined();
    expect(issueOf({ ...wanted, reason: '' })).toMatch(/^an incident’s reason: /);
    expect(issueOf({ ...wanted, principals: ['../x'] })).toMatch(/principals\.0/);
    expect(issueOf({ ...wanted, noticeHours: -1 })).toMatch(/noticeHours/);
  });

  test('freezes while it is open, the first of those that do', () => {
    const closed = { time: 1, measures: 'x', officers: ['o'], entry: 1 };
    const first = incident({ id: '1'.repeat(16) });
    const second = incident({ id: '2'.repeat(16) });
    expect(freezing([incident({ freeze: false }), first, second])).toBe(first);
    expect(freezing([{ ...first, closed }, second])).toBe(second);
    expect(freezing([{ ...first, closed }])).toBeUndefined();
  });

  test('has measures left until each is on the record, and is gone on with', () => {
    let one: Incident = incident({ ...wanted, entry: null, measures: [] });
    expect(pending(one)).toHaveLength(5);
    const measure = (kind: 'freeze' | 'revoke', what: string) => ({
      kind,
      what,
      time: 1,
      entry: 2,
    });
    one = { ...one, entry: 1, measures: [measure('freeze', ''), measure('revoke', 'bot')] };
    expect(pending(one)).toEqual(['that ana is revoked', 'that keys are replaced']);
    const again = { ...wanted, principals: ['bot', 'ana'], by: 'roy' };
    expect(goesOnWith(one, again)).toBe(true);
    expect(goesOnWith(one, { ...again, reason: 'another' })).toBe(false);
    expect(goesOnWith(one, { ...again, principals: ['ana'] })).toBe(false);
    one = { ...one, measures: [...one.measures, measure('revoke', 'ana')], rotation: 'done' };
    expect(pending(one)).toEqual([]);
    expect(goesOnWith(one, again)).toBe(false);
  });
});

describe('a closing', () => {
  const secret = new Uint8Array(32).fill(3);
  const other = new Uint8Array(32).fill(4);
  const officers = [
    noteKeyOfSecret('moss', NOTE_SIGNATURE, secret),
    noteKeyOfSecret('roy', NOTE_SIGNATURE, other),
  ];
  const closing: Closing = {
    log: 'opaline/vault/00',
    incident: '0'.repeat(16),
    time: OPENED,
    measures: 'the token was revoked\nand staff told',
  };
  const noted = (...signers: [string, Uint8Array][]): Uint8Array =>
    utf8(
      formatClosing(
        closing,
        signers.map(([name, key]) => signClosing(closing, name, key)),
      ),
    );

  test('is signed by one officer, or more', () => {
    expect(openClosing(noted(['moss', secret]), officers)).toEqual({ closing, signers: ['moss'] });
    const both = noted(['roy', other], ['moss', secret]);
    expect(openClosing(both, officers).signers).toEqual(['moss', 'roy']);
  });

  test.each<[string, Uint8Array]>([
    ['nobody’s', utf8(formatClosing(closing, []))],
    ['a stranger’s', noted(['jen', secret])],
    ['a stranger’s in an officer’s name', noted(['moss', new Uint8Array(32).fill(9)])],
    [
      'of other words than those that were signed',
      utf8(formatClosing({ ...closing, measures: 'none' }, [signClosing(closing, 'moss', secret)])),
    ],
    ['not a note', utf8('closed\n')],
  ])('that is %s is refused', (_, bytes) => {
    expect(() => openClosing(bytes, officers)).toThrow(
      expect.objectContaining({ code: 'POLICY_INVALID' }),
    );
  });

  test('with one signature that is an officer’s and one that says so is refused', () => {
    const own = signClosing(closing, 'moss', secret);
    const forged = { ...own, bytes: own.bytes.map((byte) => byte ^ 1) };
    const note = formatClosing(closing, [signClosing(closing, 'roy', other), forged]);
    expect(() => openClosing(utf8(note), officers)).toThrow(/not valid/);
  });
});

describe('a notice', () => {
  const textOf = (facts: NoticeFacts, to: 'authority' | 'subjects'): string =>
    JSON.stringify(noticeOf(facts, to));

  test('for the authority has what article 33(3) and article 57 ask for', () => {
    const notice = noticeOf(NOTICE_FACTS, 'authority');
    const ids = notice.sections.map(({ id }) => id);
    for (const id of ['happened', 'people', 'data', 'consequences', 'measures', 'contact']) {
      expect(ids).toContain(id);
    }
    const text = textOf(NOTICE_FACTS, 'authority');
    expect(text).toContain('2 people whose data went into something that left');
    expect(text).toContain('4 whose data was computed on');
    expect(text).toContain('1 of them were erased');
    expect(text).toContain('personal, sensitive');
    expect(text).toContain('Moss, moss@example.org');
    expect(text).toContain('71 h 0 min left');
    expect(text).toContain(TO_COMPLETE);
  });

  test('names no subject and no principal', () => {
    for (const to of ['authority', 'subjects'] as const) {
      for (const name of ['ann-a', 'bob-b', 'cid-c', 'ana-principal']) {
        expect(textOf(NOTICE_FACTS, to)).not.toContain(name);
      }
    }
  });

  test('of releases whose subjects are not recorded says "at least"', () => {
    const scope = { ...NOTICE_FACTS.scope, unrecorded: 1 };
    const text = textOf({ ...NOTICE_FACTS, scope }, 'authority');
    expect(text).toContain('At least 2 people');
    expect(text).toContain('everybody in it may be concerned');
  });
});
