import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  afterEvents,
  type ConsentEvent,
  consenting,
  excludedRows,
  NO_CONSENT,
} from '../../../src/policy/consent.ts';

const grant = (subject: string, more: object = {}): ConsentEvent => ({
  kind: 'grant',
  subject,
  purpose: 'quality',
  notice: '1',
  time: 100,
  expires: null,
  ...more,
});
const withdraw = (subject: string, more: object = {}): ConsentEvent => ({
  kind: 'withdraw',
  subject,
  purpose: 'quality',
  notice: null,
  time: 100,
  ...more,
});
const live = (
  events: readonly ConsentEvent[],
  now = 200,
  purpose = 'quality',
  notices = ['1'],
): string[] => [...consenting(afterEvents(NO_CONSENT, events), purpose, notices, now)].sort();

describe('consent', () => {
  test('is nobody’s until it is given', () => {
    expect(live([])).toEqual([]);
    expect(live([grant('ana'), grant('ben', { purpose: 'other' })])).toEqual(['ana']);
  });

  test('is to the purpose and the version of the notice that it names', () => {
    expect(live([grant('ana')], 200, 'other')).toEqual([]);
    expect(live([grant('ana')], 200, 'quality', ['2'])).toEqual([]);
    expect(live([grant('ana')], 200, 'quality', ['2', '1'])).toEqual(['ana']);
    expect(live([grant('ana')], 200, 'quality', [])).toEqual([]);
    // Two texts are never one key.
    expect(live([grant('ana', { purpose: 'quality","1' })])).toEqual([]);
    expect(live([grant('ana', { notice: '1"]' })], 200, 'quality', ['1'])).toEqual([]);
  });

  test('begins at its time and ends at its expiry', () => {
    const events = [grant('ana', { expires: 300 })];
    expect([99, 100, 299, 300].map((now) => live(events, now).length)).toEqual([0, 1, 1, 0]);
  });

  test('ends with its withdrawal, of one version or of all, and may be given again', () => {
    const both = [grant('ana'), grant('ana', { notice: '2' }), grant('ben')];
    const either = ['1', '2'];
    expect(live([...both, withdraw('ana', { notice: '1' })], 200, 'quality', either)).toEqual([
      'ana',
      'ben',
    ]);
    expect(live([...both, withdraw('ana', { notice: '1' })])).toEqual(['ben']);
    expect(live([...both, withdraw('ana')], 200, 'quality', either)).toEqual(['ben']);
    expect(live([...both, withdraw('ana', { purpose: 'qual' })])).toEqual(['ana', 'ben']);
    expect(live([...both, withdraw('ana'), grant('ana')])).toEqual(['ana', 'ben']);
  });

  test('is decided by the order of the log, whatever the clocks said', () => {
    expect(live([grant('ana'), withdraw('ana', { time: 5_000 })])).toEqual([]);
    expect(live([withdraw('ana', { time: 5_000 }), grant('ana')])).toEqual(['ana']);
  });

  const event: fc.Arbitrary<ConsentEvent> = fc.oneof(
    fc.record({
      kind: fc.constant<'grant'>('grant'),
      subject: fc.constantFrom('a', 'b', 'c'),
      purpose: fc.constantFrom('p', 'q'),
      notice: fc.constantFrom('1', '2'),
      time: fc.nat({ max: 10 }),
      expires: fc.option(fc.nat({ max: 20 })),
    }),
    fc.record({
      kind: fc.constant<'withdraw'>('withdraw'),
      subject: fc.constantFrom('a', 'b', 'c'),
      purpose: fc.constantFrom('p', 'q'),
      notice: fc.option(fc.constantFrom('1', '2')),
      time: fc.nat({ max: 10 }),
    }),
  );
  const events = fc.array(event, { maxLength: 30 });

  /** By looking back from the end for what was said last. */
  function reference(
    all: readonly ConsentEvent[],
    subject: string,
    purpose: string,
    notices: readonly string[],
    now: number,
  ): boolean {
    return notices.some((notice) => {
      const last = all.findLast(
        (one) =>
          one.subject === subject &&
          one.purpose === purpose &&
          (one.notice === notice || one.notice === null),
      );
      return last?.kind === 'grant' && last.time <= now && now < (last.expires ?? Infinity);
    });
  }

  test('is what was said last, of every log of events', () => {
    const notices = fc.subarray(['1', '2']);
    fc.assert(
      fc.property(events, notices, fc.nat({ max: 21 }), fc.nat(), (all, asked, now, cut) => {
        const state = afterEvents(NO_CONSENT, all);
        // In two parts it is the same: a state goes on from where it was.
        const middle = cut % (all.length + 1);
        const first = afterEvents(NO_CONSENT, all.slice(0, middle));
        const frozen = JSON.stringify([...first.grants].map(([key, own]) => [key, [...own]]));
        const parts = afterEvents(first, all.slice(middle));
        expect(JSON.stringify([...first.grants].map(([key, own]) => [key, [...own]]))).toBe(frozen);
        for (const purpose of ['p', 'q']) {
          const found = consenting(state, purpose, asked, now);
          expect(consenting(parts, purpose, asked, now)).toEqual(found);
          for (const subject of ['a', 'b', 'c']) {
            expect(found.has(subject)).toBe(reference(all, subject, purpose, asked, now));
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  test('a withdrawal at the end leaves nothing of that subject and purpose, at any time', () => {
    fc.assert(
      fc.property(events, fc.nat({ max: 100 }), (all, now) => {
        const state = afterEvents(NO_CONSENT, [...all, withdraw('a', { purpose: 'p' })]);
        expect(consenting(state, 'p', ['1', '2'], now).has('a')).toBe(false);
      }),
    );
  });
});

test('rows of who did not consent, and of nobody, are left out', () => {
  const subjects = ['ana', null, 'ben', 'ana', 'eve'];
  expect(excludedRows(subjects, new Set(['ana', 'eve']))).toEqual([1, 2]);
  expect(excludedRows(subjects, new Set())).toEqual([0, 1, 2, 3, 4]);
  expect(excludedRows([], new Set(['ana']))).toEqual([]);
});
