import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeNumbers, encodeNumbers } from '../../../../src/policy/incident/number-set.ts';
import {
  ENTRY,
  type IncidentScope,
  type OpenedEntry,
  type ScopeFilter,
  scopeOfIncident,
} from '../../../../src/policy/incident/scope.ts';

const ALL: ScopeFilter = { since: null, until: null, principals: [], purposes: [] };
const PEOPLE = ['ann', 'bob', 'cid', 'dee', 'eve', 'fay', 'gus', 'hal', 'ida'];
const PRINCIPALS = ['ana', 'bot'];
const PURPOSES = ['quality', 'billing'];
const TABLES = ['stays', 'visits'];
const COLUMNS = ['cost', 'days', 'ward'];

type Step =
  | {
      readonly kind: 'release';
      readonly people: readonly string[] | null;
      readonly principal: string;
      readonly purpose: string;
      readonly table: string;
      readonly columns: readonly string[];
      readonly time: number;
      readonly cells: number;
      readonly outcome: 'released' | 'withheld' | 'unknown';
    }
  /** A number is logged and its writer dies: the file does not know. */
  | { readonly kind: 'died'; readonly people: readonly string[] }
  /** The file of numbers is lost. */
  | { readonly kind: 'lost' }
  | { readonly kind: 'other'; readonly time: number };

const people = fc.uniqueArray(fc.constantFrom(...PEOPLE));
const time = fc.integer({ min: 0, max: 20 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('release' as const),
      people: fc.option(people, { freq: 8 }),
      principal: fc.constantFrom(...PRINCIPALS),
      purpose: fc.constantFrom(...PURPOSES),
      table: fc.constantFrom(...TABLES),
      columns: fc.uniqueArray(fc.constantFrom(...COLUMNS)),
      time,
      cells: fc.integer({ min: 0, max: 9 }),
      outcome: fc.constantFrom('released', 'withheld', 'unknown'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('died' as const), people }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'lost' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('other' as const), time }) },
);

/** The log of some steps, and, beside it, who was behind each release. */
function logOf(steps: readonly Step[], shredded: ReadonlySet<string>) {
  const entries: OpenedEntry[] = [];
  const behind: { readonly step: Step & { kind: 'release' }; readonly ids: Map<string, string> }[] =
    [];
  let numbers = new Map<string, number>();
  /** Which time somebody got a number. */
  let given = new Map<string, string>();
  const add = (kind: string, at: number, ...contents: readonly unknown[]): number =>
    entries.push({ index: entries.length, kind, time: at, contents }) - 1;
  const enrol = (names: readonly string[]): string[] => {
    const added = names.filter((name) => !numbers.has(name));
    if (added.length === 0) return [];
    const told = added.map((subject) => (shredded.has(subject) ? undefined : { subject }));
    add(ENTRY.enrol, 0, { first: numbers.size }, ...told);
    return added;
  };
  const late: (() => void)[] = [];
  for (const one of steps) {
    if (one.kind === 'lost') [numbers, given] = [new Map(), new Map()];
    else if (one.kind === 'died') enrol(one.people);
    else if (one.kind === 'other') add('consent.grant', one.time, undefined);
    else {
      for (const name of one.people === null ? [] : enrol(one.people)) {
        given.set(name, `${name} ${entries.length}`);
        numbers.set(name, numbers.size);
      }
      const members = encodeNumbers((one.people ?? []).map((name) => numbers.get(name)!));
      const { table } = one;
      const entry = add(ENTRY.set, one.time, { table, members });
      const subjects = one.people && { entry, count: one.people.length };
      const { principal, purpose, columns: fields, cells } = one;
      const said = { principal, purpose, table, fields, cells, subjects };
      const intent = add(ENTRY.intent, one.time, { ...said, epoch: 3, operations: ['aggregate'] });
      behind.push({
        step: one,
        ids: new Map((one.people ?? []).map((name) => [name, given.get(name)!])),
      });
      const released = one.outcome === 'released';
      if (one.outcome !== 'unknown') {
        // Others are worked on between an intent and its outcome.
        late.push(() => add(ENTRY.outcome, 99, { intent, released, ...(released && { cells }) }));
      }
      if (late.length > 1) late.shift()!();
    }
  }
  for (const one of late) one();
  return { entries, behind };
}

/** By looking at each release, and at each person. */
function bruteForce(
  behind: ReturnType<typeof logOf>['behind'],
  shredded: ReadonlySet<string>,
  { since, until, principals, purposes }: ScopeFilter,
) {
  const meant = behind.filter(
    ({ step: one }) =>
      !(since !== null && one.time < since) &&
      !(until !== null && one.time > until) &&
      (principals.length === 0 || principals.includes(one.principal)) &&
      (purposes.length === 0 || purposes.includes(one.purpose)),
  );
  const left = meant.filter(({ step: one }) => one.outcome !== 'withheld');
  const gone = (some: typeof meant): number =>
    new Set(
      some.flatMap(({ ids }) =>
        [...ids].filter(([name]) => shredded.has(name)).map(([, id]) => id),
      ),
    ).size;
  return {
    releases: meant.map(({ step: one }) => [one.principal, one.purpose, one.table, one.outcome]),
    subjects: PEOPLE.filter((name) => !shredded.has(name))
      .filter((name) => meant.some(({ ids }) => ids.has(name)))
      .map((name) => ({ name, exposed: left.some(({ ids }) => ids.has(name)) })),
    forgotten: { all: gone(meant), exposed: gone(left) },
    unrecorded: meant.filter(({ step: one }) => one.people === null).length,
    tables: TABLES.flatMap((table) => {
      const own = meant.filter(({ step: one }) => one.table === table);
      if (own.length === 0) return [];
      const used = COLUMNS.filter((name) =>
        own.some(({ step: one }) => one.columns.includes(name)),
      );
      return [{ table, columns: used }];
    }),
  };
}

const summary = ({ releases, subjects, forgotten, unrecorded, tables }: IncidentScope) => ({
  releases: releases.map((one) => [one.principal, one.purpose, one.table, one.outcome]),
  subjects,
  forgotten,
  unrecorded,
  tables,
});

const filter: fc.Arbitrary<ScopeFilter> = fc.record({
  since: fc.option(time),
  until: fc.option(time),
  principals: fc.subarray(PRINCIPALS),
  purposes: fc.subarray(PURPOSES),
});

describe('the scope of an incident', () => {
  test('is what brute force finds, on random logs', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 30 }),
        fc.subarray(PEOPLE),
        filter,
        (steps, gone, wanted) => {
          const shredded = new Set(gone);
          const { entries, behind } = logOf(steps, shredded);
          expect(summary(scopeOfIncident(entries, wanted))).toEqual(
            bruteForce(behind, shredded, wanted),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  test('of an unknown outcome counts what may have left', () => {
    const said = { principal: 'ana', purpose: 'quality', table: 't', epoch: 1, operations: [] };
    const intent = { ...said, fields: ['b', 'a'], cells: 7, subjects: null };
    const entries: OpenedEntry[] = [
      { index: 0, kind: ENTRY.intent, time: 5, contents: [intent] },
      { index: 1, kind: ENTRY.intent, time: 9, contents: [intent] },
      { index: 2, kind: ENTRY.outcome, time: 9, contents: [{ intent: 1, released: false }] },
    ];
    const { releases, unrecorded, period } = scopeOfIncident(entries, ALL);
    expect(releases.map(({ outcome, cells, subjects }) => [outcome, cells, subjects])).toEqual([
      ['unknown', 7, null],
      ['withheld', 0, null],
    ]);
    expect(releases[0]!.columns).toEqual(['a', 'b']);
    expect({ unrecorded, period }).toEqual({ unrecorded: 2, period: { from: 5, until: 9 } });
  });

  test('takes nothing from details that are not of their form, or gone', () => {
    const entries: OpenedEntry[] = [
      { index: 0, kind: ENTRY.enrol, time: 0, contents: [undefined, { subject: 'ann' }] },
      { index: 1, kind: ENTRY.set, time: 0, contents: [{ table: 3 }] },
      { index: 2, kind: ENTRY.intent, time: 0, contents: [{ principal: 'ana' }] },
      { index: 3, kind: ENTRY.outcome, time: 0, contents: [] },
    ];
    expect(scopeOfIncident(entries, ALL)).toMatchObject({
      releases: [],
      subjects: [],
      period: null,
    });
  });
});

describe('a set of numbers', () => {
  test('is what it was', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(5000)), (numbers) => {
        const text = encodeNumbers(numbers);
        expect(decodeNumbers(text)).toEqual([...numbers].sort((a, b) => a - b));
        // A bit a subject.
        const most = Math.max(-1, ...numbers);
        expect(text.length).toBe(4 * Math.ceil((most + 8 - ((most + 8) % 8)) / 8 / 3));
      }),
    );
  });

  test('that is no base 64 is refused', () => {
    expect(() => decodeNumbers('?')).toThrow(/a set of subjects/);
  });
});
