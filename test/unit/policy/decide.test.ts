import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { publicKeyOf } from '../../../src/bytes/signature.ts';
import { attest } from '../../../src/policy/attestation.ts';
import { decide, type PolicyFacts, type PolicyRequest } from '../../../src/policy/decide.ts';
import {
  ATTESTATIONS,
  OPERATIONS,
  PERIODS,
  PRINCIPAL_KINDS,
  type PolicyDocument,
  type Rule,
} from '../../../src/policy/document.ts';
import { isMeant, type Principal } from '../../../src/policy/principal.ts';
import { type Reason, reasonText } from '../../../src/policy/verdict.ts';
import { ALLOW, ANA, DAY, FACTS, NOW, policyOf, PURPOSE, REQUEST } from './support.ts';

const kindsOf = (
  request: Partial<PolicyRequest>,
  facts: Partial<PolicyFacts> = {},
  policy: PolicyDocument = policyOf(),
): string[] => {
  const verdict = decide(policy, { ...REQUEST, ...request }, { ...FACTS, ...facts });
  return verdict.allowed ? ['allowed'] : verdict.reasons.map(({ kind }) => kind);
};

describe('a request', () => {
  test('that a rule allows and nothing stands against is let through, and by which rule is told', () => {
    expect(decide(policyOf(), REQUEST, FACTS)).toEqual({ allowed: true, rule: 0 });
    const rules: Rule[] = [{ ...ALLOW, operations: ['rows'] }, ALLOW, ALLOW];
    expect(decide(policyOf({ rules }), REQUEST, FACTS)).toEqual({ allowed: true, rule: 1 });
  });

  test.each<[string, Partial<PolicyRequest>, string[]]>([
    ['nobody', { principal: undefined }, ['principal-unknown']],
    ['somebody without the role', { principal: { ...ANA, roles: [] } }, ['not-allowed']],
    ['somebody revoked', { principal: { ...ANA, revoked: true } }, ['principal-revoked']],
    ['somebody whose time is over', { principal: { ...ANA, expires: NOW } }, ['principal-expired']],
    ['another operation', { operation: 'rows' }, ['not-allowed']],
    ['one field more', { fields: ['ward', 'days', 'fee'] }, ['not-necessary']],
    ['another table', { table: 'staff' }, ['table-of-another-purpose']],
    ['an unknown purpose', { purpose: 'marketing' }, ['purpose-unknown', 'not-allowed']],
    [
      'a purpose by the name of Object’s',
      { purpose: 'constructor' },
      ['purpose-unknown', 'not-allowed'],
    ],
    ['too many cells', { cells: 101 }, ['derived']],
    [
      'all of that at once',
      {
        principal: { ...ANA, revoked: true, roles: [] },
        table: 'staff',
        fields: ['fee'],
        cells: 999,
      },
      ['principal-revoked', 'table-of-another-purpose', 'not-necessary', 'derived', 'not-allowed'],
    ],
  ])('of %s is refused', (_, request, kinds) => {
    expect(kindsOf(request)).toEqual(kinds);
  });

  test('is refused once the purpose is over, to the millisecond', () => {
    const end = Date.parse(PURPOSE.expires!);
    expect(kindsOf({}, { now: end - 1 })).toEqual(['allowed']);
    expect(kindsOf({}, { now: end })).toEqual(['purpose-expired']);
    expect(kindsOf({ principal: { ...ANA, expires: NOW + 1 } })).toEqual(['allowed']);
  });

  test('is refused by the number N + 1 in a period, and not once the first is a period ago', () => {
    const at = (...ago: number[]) => ago.map((ms) => ({ time: NOW - ms, amount: 1 }));
    expect(kindsOf({}, { queries: at(1, 2) })).toEqual(['allowed']);
    expect(kindsOf({}, { queries: at(1, 2, 3) })).toEqual(['quota']);
    expect(kindsOf({}, { queries: at(1, 2, DAY - 1) })).toEqual(['quota']);
    expect(kindsOf({}, { queries: at(1, 2, DAY) })).toEqual(['allowed']);
    // A clock that was put back frees nothing.
    expect(kindsOf({}, { queries: at(1, 2, -5 * DAY) })).toEqual(['quota']);
    expect(kindsOf({ cells: 1 }, { cells: [{ time: NOW - 1, amount: 100 }] })).toEqual(['derived']);
    expect(kindsOf({ cells: 1 }, { cells: [{ time: NOW - 1, amount: 99 }] })).toEqual(['allowed']);
  });
});

describe('rules', () => {
  const forbid: Rule = { ...ALLOW, effect: 'forbid', principals: ['*'], purposes: ['*'] };

  test('that forbid win over those that allow, in whatever order', () => {
    for (const rules of [
      [ALLOW, forbid],
      [forbid, ALLOW],
      [ALLOW, forbid, ALLOW],
    ]) {
      const verdict = decide(policyOf({ rules }), REQUEST, FACTS);
      const rule = rules.indexOf(forbid);
      expect(verdict).toEqual({ allowed: false, reasons: [{ kind: 'forbidden', rule }] });
    }
  });

  test('of columns allow a request that stays within them, and forbid one that touches them', () => {
    const allow = (fields: string[]) =>
      kindsOf({}, {}, policyOf({ rules: [{ ...ALLOW, fields }] }));
    expect(allow(['ward', 'days'])).toEqual(['allowed']);
    expect(allow(['ward'])).toEqual(['not-allowed']);
    const against = (fields: string[]) =>
      kindsOf({}, {}, policyOf({ rules: [ALLOW, { ...forbid, fields }] }));
    expect(against(['days', 'fee'])).toEqual(['forbidden']);
    expect(against(['fee'])).toEqual(['allowed']);
  });

  test.each([
    ['*', true],
    ['ana', true],
    ['ben', false],
    ['role:analyst', true],
    ['role:ana', false],
    ['kind:staff', true],
    ['kind:tool', false],
  ])('for %s mean Ana: %s', (selector, meant) => {
    expect(isMeant(selector, ANA)).toBe(meant);
  });
});

describe('attestations', () => {
  const [officer, stranger] = [new Uint8Array(32).fill(4), new Uint8Array(32).fill(5)];
  const policy = policyOf({ attestations: ['training', 'vetting'] });
  const officers = [publicKeyOf(officer)];
  const statement = (kind: 'training' | 'vetting') =>
    ({ principal: 'ana', kind, issued: NOW - DAY, expires: NOW + DAY }) as const;
  const [training, vetting] = [
    attest(statement('training'), officer),
    attest(statement('vetting'), officer),
  ];

  test('are needed of staff, all of them, current and by an officer', () => {
    const kinds = (...attestations: (typeof training)[]) =>
      kindsOf({}, { attestations, officers }, policy);
    expect(kinds(training, vetting)).toEqual(['allowed']);
    expect(kinds(training)).toEqual(['attestation-missing']);
    expect(kinds()).toEqual(['attestation-missing', 'attestation-missing']);
    for (const change of [{ principal: 'ben' }, { expires: NOW }, { issued: NOW + 1 }]) {
      expect(kinds(training, attest({ ...statement('vetting'), ...change }, officer))).toEqual([
        'attestation-missing',
      ]);
    }
    expect(kinds(training, attest(statement('vetting'), stranger))).toEqual([
      'attestation-missing',
    ]);
    expect(kinds(training, { ...vetting, expires: NOW + 2 * DAY })).toEqual([
      'attestation-missing',
    ]);
    expect(kinds(training, { ...training, kind: 'vetting' })).toEqual(['attestation-missing']);
  });

  test('are not asked of services and tools', () => {
    for (const kind of ['service', 'tool'] as const) {
      expect(kindsOf({ principal: { ...ANA, kind } }, {}, policy)).toEqual(['allowed']);
    }
  });
});

describe('an assessment', () => {
  const policy = policyOf({ assessment: 'required' });
  const current = { current: true, until: NOW + 1 } as const;
  const changed = { current: false, reason: { kind: 'scope-changed' } } as const;

  test('is needed, and current, where the policy says so', () => {
    expect(kindsOf({}, { assessment: current }, policy)).toEqual(['allowed']);
    expect(kindsOf({}, {}, policy)).toEqual(['not-assessed']);
    expect(kindsOf({}, { assessment: changed }, policy)).toEqual(['not-assessed']);
    expect(decide(policy, REQUEST, { ...FACTS, assessment: changed })).toMatchObject({
      reasons: [{ why: { kind: 'scope-changed' } }],
    });
  });

  test('is not asked for where it does not', () => {
    for (const assessment of [undefined, changed, current]) {
      expect(kindsOf({}, { assessment })).toEqual(['allowed']);
    }
  });
});

describe('properties', () => {
  const names = ['ana', 'ben'];
  const fields = ['ward', 'days', 'fee'];
  const some = <T>(...from: T[]): fc.Arbitrary<T[]> => fc.subarray(from, { minLength: 1 });
  const rule: fc.Arbitrary<Rule> = fc.record(
    {
      effect: fc.constantFrom('allow', 'forbid'),
      principals: some('*', ...names, 'role:analyst', 'role:nurse', 'kind:tool', 'kind:staff'),
      purposes: some('*', 'quality', 'other'),
      operations: some(...OPERATIONS),
      fields: some(...fields),
    },
    { requiredKeys: ['effect', 'principals', 'purposes', 'operations'] },
  );
  const limit = fc.record({
    limit: fc.integer({ min: 1, max: 4 }),
    per: fc.constantFrom(...PERIODS),
  });
  const purpose = fc.record({
    table: fc.constantFrom('visits', 'staff'),
    fields: some(...fields),
    quota: limit,
    derived: limit,
    expires: fc.constantFrom(null, '2026-06-01T12:00:00Z', '2027-01-01T00:00:00Z'),
  });
  const policy = fc
    .record({ rules: fc.array(rule, { maxLength: 5 }), quality: purpose, other: purpose })
    .map(({ rules, quality, other }) =>
      policyOf({
        rules,
        purposes: { quality: { ...PURPOSE, ...quality }, other: { ...PURPOSE, ...other } },
      }),
    );
  const principal: fc.Arbitrary<Principal> = fc.record({
    name: fc.constantFrom(...names),
    kind: fc.constantFrom(...PRINCIPAL_KINDS),
    roles: fc.subarray(['analyst', 'nurse']),
    revoked: fc.boolean(),
    expires: fc.constantFrom(null, NOW, NOW + 1),
  });
  const request: fc.Arbitrary<PolicyRequest> = fc.record({
    principal: fc.option(principal, { nil: undefined }),
    purpose: fc.constantFrom('quality', 'other', 'none'),
    table: fc.constantFrom('visits', 'staff'),
    operation: fc.constantFrom(...OPERATIONS),
    fields: fc.subarray(fields),
    cells: fc.nat({ max: 4 }),
  });
  const uses = fc.array(
    fc.record({ time: fc.integer({ min: NOW - 400 * DAY, max: NOW }), amount: fc.constant(1) }),
    { maxLength: 4 },
  );
  const facts = fc.record({ queries: uses, cells: uses }).map((more) => ({ ...FACTS, ...more }));

  /** Written otherwise: a request is allowed exactly when every one of these holds. */
  function reference(policyDoc: PolicyDocument, asked: PolicyRequest, known: PolicyFacts): boolean {
    const who = asked.principal;
    if (who === undefined || who.revoked || (who.expires ?? Infinity) <= known.now) return false;
    const why = new Map(Object.entries(policyDoc.purposes)).get(asked.purpose);
    if (why === undefined || Date.parse(why.expires ?? '9999-01-01') <= known.now) return false;
    if (
      why.table !== asked.table ||
      new Set([...why.fields, ...asked.fields]).size !== why.fields.length
    )
      return false;
    const length = { hour: DAY / 24, day: DAY, week: 7 * DAY, year: 365 * DAY };
    const recent = (list: typeof known.queries, per: keyof typeof length): number =>
      list.filter(({ time }) => known.now - time < length[per]).length;
    if (recent(known.queries, why.quota.per) >= why.quota.limit) return false;
    if (recent(known.cells, why.derived.per) + asked.cells > why.derived.limit) return false;
    const selectors = new Set([
      '*',
      who.name,
      `kind:${who.kind}`,
      ...who.roles.map((role) => `role:${role}`),
    ]);
    const about = policyDoc.rules.filter(
      (one) =>
        one.principals.some((selector) => selectors.has(selector)) &&
        (one.purposes.includes('*') || one.purposes.includes(asked.purpose)) &&
        one.operations.includes(asked.operation),
    );
    const touches = (one: Rule): boolean =>
      one.fields === undefined || asked.fields.some((field) => one.fields!.includes(field));
    const covers = (one: Rule): boolean =>
      one.fields === undefined || asked.fields.every((field) => one.fields!.includes(field));
    return (
      !about.some((one) => one.effect === 'forbid' && touches(one)) &&
      about.some((one) => one.effect === 'allow' && covers(one))
    );
  }

  test('every verdict is the one of the rules as told in words', () => {
    let allowed = 0;
    fc.assert(
      fc.property(policy, request, facts, (doc, asked, known) => {
        const verdict = decide(doc, asked, known);
        expect(verdict.allowed).toBe(reference(doc, asked, known));
        if (verdict.allowed) allowed++;
        else expect(verdict.reasons.length).toBeGreaterThan(0);
      }),
      {
        numRuns: 3000,
        examples: [[policyOf({ purposes: { quality: PURPOSE, other: PURPOSE } }), REQUEST, FACTS]],
      },
    );
    expect(allowed).toBeGreaterThan(0);
  });

  test('a rule that forbids, added anywhere, never allows more', () => {
    fc.assert(
      fc.property(policy, rule, fc.nat(), request, facts, (doc, added, at, asked, known) => {
        const rules = doc.rules.toSpliced(at % (doc.rules.length + 1), 0, {
          ...added,
          effect: 'forbid',
        });
        const after = decide({ ...doc, rules }, asked, known);
        if (after.allowed) expect(decide(doc, asked, known).allowed).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test('without a rule that allows, everything is refused', () => {
    fc.assert(
      fc.property(policy, request, facts, (doc, asked, known) => {
        const rules = doc.rules.filter(({ effect }) => effect === 'forbid');
        expect(decide({ ...doc, rules }, asked, known).allowed).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  test('more uses, more fields and more cells never allow what was refused', () => {
    fc.assert(
      fc.property(policy, request, facts, uses, (doc, asked, known, more) => {
        if (decide(doc, asked, known).allowed) return;
        const used = {
          ...known,
          queries: [...known.queries, ...more],
          cells: [...known.cells, ...more],
        };
        expect(decide(doc, asked, used).allowed).toBe(false);
        expect(decide(doc, { ...asked, cells: asked.cells + 1 }, known).allowed).toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});

test('every reason has a sentence of its own', () => {
  const reasons: Reason[] = [
    { kind: 'principal-unknown' },
    { kind: 'principal-revoked' },
    { kind: 'principal-expired' },
    { kind: 'attestation-missing', attestation: ATTESTATIONS[0] },
    { kind: 'not-assessed', why: { kind: 'none' } },
    { kind: 'not-assessed', why: { kind: 'scope-changed' } },
    { kind: 'purpose-unknown', purpose: 'p' },
    { kind: 'purpose-expired', purpose: 'p' },
    { kind: 'table-of-another-purpose', table: 't' },
    { kind: 'not-necessary', fields: ['a', 'b'] },
    { kind: 'not-allowed', operation: 'rows' },
    { kind: 'forbidden', rule: 1 },
    { kind: 'quota', used: 1, limit: 1, per: 'day' },
    { kind: 'derived', used: 1, limit: 1, per: 'day' },
  ];
  expect(new Set(reasons.map(reasonText)).size).toBe(reasons.length);
  expect(reasonText(reasons[9]!)).toBe('the purpose does not need "a", "b"');
});
