import { describe, expect, test } from 'vitest';
import {
  CHECKS,
  FACT_CHECKS,
  factResults,
  type FactCheckId,
  unless,
} from '../../../../src/policy/assessment/checks.ts';
import { classOf } from '../../../../src/policy/assessment/categories.ts';
import {
  type Context,
  contextForm,
  NOTHING_STATED,
} from '../../../../src/policy/assessment/context.ts';
import type { DescribedTable } from '../../../../src/policy/assessment/data-map.ts';
import type { PolicyDocument, Purpose } from '../../../../src/policy/document.ts';
import { column, mapOf, NOW, purpose, stated, table } from './support.ts';

const policyOf = (purposes: Readonly<Record<string, Purpose>>, cohort = 10): PolicyDocument => ({
  revision: 1,
  issued: '2026-01-01T00:00:00Z',
  description: 'of a test',
  cohort,
  attestations: [],
  purposes,
  rules: [],
});

interface Given {
  readonly tables?: readonly DescribedTable[];
  readonly purposes?: Readonly<Record<string, Purpose>> | undefined;
  readonly cohort?: number;
  readonly context?: Context;
  readonly store?: string;
}

function outcome(id: FactCheckId, given: Given) {
  const { tables = [], purposes, cohort, context = NOTHING_STATED, store } = given;
  const policy = purposes && policyOf(purposes, cohort);
  return FACT_CHECKS[id]({ map: mapOf(tables, purposes, store), context, policy, now: NOW });
}

const days = column('days', 'health');
const patient = column('patient', 'identity', 'hidden');
const processor = {
  name: 'Cloud',
  role: 'runs the store',
  legalBasis: 'contract',
  region: 'EU',
  certificate: 'no. 1',
  expires: '2026-06-01T00:00:00Z',
};
const officer = { name: 'Moss', contact: 'moss@example.org' };

describe('each check of facts passes, and fails when what it checks is broken', () => {
  const cases: Readonly<Record<FactCheckId, readonly [Given, Given, RegExp]>> = {
    'columns-classified': [
      { tables: [table([days])] },
      { tables: [table([days, column('ward', null)])] },
      /^visits\.ward$/,
    ],
    'sensitive-hidden': [
      { tables: [table([days, column('name', 'name', 'rest')])] },
      { tables: [table([column('days', 'health', 'rest')])] },
      /^visits\.days \(ore\)$/,
    ],
    'purposes-fit': [
      { tables: [table([days])], purposes: { beds: purpose(['days']) } },
      {
        tables: [table([days])],
        purposes: { beds: purpose(['ward']), other: purpose(['x'], { table: 'gone' }) },
      },
      /^beds: no column ward; other: no table gone$/,
    ],
    'fields-needed': [
      { tables: [table([days, patient])], purposes: { beds: purpose(['days']) } },
      {
        tables: [table([days, patient, column('fee', 'financial')])],
        purposes: { beds: purpose(['days']) },
      },
      /^visits\.fee$/,
    ],
    'consent-applicable': [
      {
        tables: [table([days])],
        purposes: { beds: purpose(['days'], { consent: { notices: ['1'] } }) },
      },
      {
        tables: [table([days], { subject: null })],
        purposes: { beds: purpose(['days'], { consent: { notices: ['1'] } }) },
      },
      /^beds: visits has no subject$/,
    ],
    'cohort-floor': [{ purposes: {} }, { purposes: {}, cohort: 9 }, /^the floor is 9$/],
    'processors-qualified': [
      { context: stated({ processors: [processor] }), store: 'https://store.example' },
      {
        context: stated({
          processors: [
            { ...processor, expires: '2025-12-31T00:00:00Z' },
            { ...processor, name: 'Bare', certificate: null },
          ],
        }),
      },
      /^Cloud: expired on 2025-12-31T00:00:00Z; Bare: no certificate$/,
    ],
    'officer-appointed': [
      { context: stated({ officer }) },
      { context: stated({}) },
      /^no officer is named$/,
    ],
  };
  test.each(Object.entries(cases))('%s', (id, [good, bad, found]) => {
    expect(outcome(id as FactCheckId, good)).toMatchObject({ status: 'passed' });
    const broken = outcome(id as FactCheckId, bad);
    expect(broken.status).toBe('failed');
    expect(broken.found).toMatch(found);
  });
});

test.each<FactCheckId>(['purposes-fit', 'fields-needed', 'consent-applicable', 'cohort-floor'])(
  '%s is not run without a policy',
  (id) => {
    expect(outcome(id, { tables: [table([days])] }).status).toBe('not-run');
  },
);

test('a store on another machine needs a processor; where the thresholds ask for it, a body is due', () => {
  expect(outcome('processors-qualified', { store: 'https://store.example' }).status).toBe('failed');
  expect(outcome('processors-qualified', {}).status).toBe('passed');
  const many = [table([days], { subjects: { atLeast: 100_001, atMost: 100_001 } })];
  expect(
    outcome('officer-appointed', { tables: many, context: stated({ officer }) }),
  ).toMatchObject({ status: 'failed' });
  const whole = stated({ officer, department: 'privacy office' });
  expect(outcome('officer-appointed', { tables: many, context: whole }).status).toBe('passed');
});

test('what is derived of a sensitive column is sensitive, and not collected', () => {
  const square = column('square', null, 'queries', { derived: ['days', 'days'] });
  const map = mapOf([table([days, square])]);
  expect(map.tables[0]!.columns.map((one) => one.class)).toEqual(['sensitive', 'sensitive']);
  const needed = { tables: [table([days, square])], purposes: { beds: purpose(['days']) } };
  expect(outcome('fields-needed', needed).status).toBe('passed');
});

test('every check of facts has a title and is in the results', () => {
  const facts = { map: mapOf([]), context: NOTHING_STATED, policy: undefined, now: NOW };
  const ids = factResults(facts).map(({ id }) => id);
  const run = Object.entries(CHECKS).filter(([, [basis]]) => basis === 'run');
  expect([...run.map(([id]) => id), ...ids].sort()).toEqual(Object.keys(CHECKS).sort());
});

test('a long list is cut', () => {
  const wrong = Array.from({ length: 12 }, (_, i) => `w${i}`);
  expect(unless(wrong, '').found).toMatch(/^w0; .*w9; and 2 more$/);
});

test.each<[string | null, string]>([
  [null, 'unstated'],
  ['Health', 'sensitive'],
  ['identity document', 'sensitive'],
  ['sexual_orientation', 'sensitive'],
  ['none', 'none'],
  ['our own label', 'personal'],
  ['constructor', 'personal'],
])('category %s is %s', (category, expected) => {
  expect(classOf(category)).toBe(expected);
});

test('a label that somebody declares sensitive is', () => {
  expect(classOf('Loyalty', ['loyalty'])).toBe('sensitive');
});

test.each<[string, object]>([
  ['more than a year', { validDays: 366 }],
  ['a level that is none', { risks: { inference: { likelihood: 5 } } }],
  ['half a person', { expected: 0.5 }],
  ['something else', { more: 1 }],
])('a context with %s is refused', (_, change) => {
  expect(contextForm.safeParse({ ...NOTHING_STATED, ...change }).success).toBe(false);
});
