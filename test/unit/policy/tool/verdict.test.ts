import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bundleHash } from '../../../../src/policy/tool/bundle.ts';
import { failedChecks, reportDigest, type ToolReport } from '../../../../src/policy/tool/report.ts';
import {
  standingReasons,
  type ToolFacts,
  type ToolReason,
  toolReasonText,
  type ToolRequest,
  type ToolStanding,
  toolVerdict,
} from '../../../../src/policy/tool/verdict.ts';
import { BUNDLE } from './support.ts';

const HASH = bundleHash(BUNDLE);
const POLICY = '1'.repeat(64);
const NOW = 10_000_000;

const STANDING: ToolStanding = {
  bundle: BUNDLE,
  hash: HASH,
  certificate: {
    tool: BUNDLE.name,
    bundle: HASH,
    policy: POLICY,
    report: '2'.repeat(64),
    issued: NOW - 1000,
    expires: NOW + 1000,
    limits: BUNDLE.limits,
  },
  suspended: null,
  revoked: null,
};
const [STAYS] = BUNDLE.queries;
const REQUEST: ToolRequest = {
  bundle: HASH,
  purpose: 'quality',
  sql: STAYS!.sql,
  parameters: [3],
};
const FACTS: ToolFacts = { now: NOW, policy: POLICY, queries: [], cells: [] };

const kinds = (
  standing: Partial<ToolStanding>,
  request: Partial<ToolRequest> = {},
  facts: Partial<ToolFacts> = {},
): readonly string[] => {
  const verdict = toolVerdict(
    { ...STANDING, ...standing },
    { ...REQUEST, ...request },
    { ...FACTS, ...facts },
  );
  return verdict.allowed ? [] : verdict.reasons.map(({ kind }) => kind);
};

const certificate = (changes: Partial<ToolStanding['certificate']>): Partial<ToolStanding> => ({
  certificate: { ...STANDING.certificate, ...changes },
});

describe('a tool that stands', () => {
  test('asks a query of its bundle', () => {
    expect(toolVerdict(STANDING, REQUEST, FACTS)).toEqual({ allowed: true, query: STAYS });
  });

  test.each<[string, Partial<ToolRequest>, Partial<ToolFacts>, string]>([
    ['another query', { sql: `${STAYS!.sql} LIMIT 1` }, {}, 'query'],
    ['its query in other words', { sql: STAYS!.sql.toLowerCase() }, {}, 'query'],
    ['another purpose', { purpose: 'billing' }, {}, 'purpose'],
    ['a parameter too few', { parameters: [] }, {}, 'parameters'],
    ['a parameter too many', { parameters: [3, 3] }, {}, 'parameters'],
    ['a parameter out of its slot', { parameters: [10] }, {}, 'parameter'],
    ['one call too many', {}, { queries: [{ time: NOW - 1, amount: 3 }] }, 'calls'],
    ['one cell too many', {}, { cells: [{ time: NOW - 1, amount: 15 }] }, 'cells'],
  ])('asks for too much with %s', (_, request, facts, kind) => {
    expect(kinds({}, request, facts)).toEqual([kind]);
    const verdict = toolVerdict(STANDING, { ...REQUEST, ...request }, { ...FACTS, ...facts });
    expect(verdict).toMatchObject({ allowed: false, excess: true });
  });

  test('may use its limits up, and again in the next period', () => {
    expect(kinds({}, {}, { queries: [{ time: NOW, amount: 2 }] })).toEqual([]);
    expect(kinds({}, {}, { cells: [{ time: NOW, amount: 14 }] })).toEqual([]);
    expect(kinds({}, {}, { queries: [{ time: NOW - 3_600_000, amount: 3 }] })).toEqual([]);
  });
});

describe('a tool that does not stand is denied, and not for excess', () => {
  test.each<[string, Partial<ToolStanding>, Partial<ToolRequest>, Partial<ToolFacts>]>([
    ['revoked', { revoked: NOW }, {}, {}],
    ['suspended', { suspended: NOW }, {}, {}],
    ['expired', {}, {}, { now: NOW + 1000 }],
    ['not-yet', {}, {}, { now: NOW - 1001 }],
    ['policy-changed', {}, {}, { policy: '3'.repeat(64) }],
    ['not-certified', {}, { bundle: '4'.repeat(64) }, {}],
    ['not-certified', {}, { bundle: undefined }, {}],
    ['not-certified', certificate({ bundle: '4'.repeat(64) }), {}, {}],
  ])('%s', (kind, standing, request, facts) => {
    expect(kinds(standing, request, facts)).toEqual([kind]);
    // Whatever it asks for beside.
    const sql = 'SELECT 1';
    const verdict = toolVerdict(
      { ...STANDING, ...standing },
      { ...REQUEST, ...request, sql },
      { ...FACTS, ...facts },
    );
    expect(verdict).toMatchObject({ allowed: false, excess: false, reasons: [{ kind }] });
  });

  test('of which nothing is known', () => {
    const verdict = toolVerdict(undefined, REQUEST, FACTS);
    expect(verdict).toMatchObject({ allowed: false, excess: false });
  });
});

const flag = fc.boolean();
test('it stands only if nothing is against it, and every reason is told', () => {
  fc.assert(
    fc.property(
      flag,
      flag,
      flag,
      flag,
      flag,
      flag,
      (certified, revoked, suspended, expired, early, other) => {
        const standing: ToolStanding = {
          ...STANDING,
          hash: certified ? HASH : '5'.repeat(64),
          certificate: {
            ...STANDING.certificate,
            bundle: certified ? HASH : '5'.repeat(64),
            issued: early ? NOW + 1 : NOW,
            expires: expired ? NOW : NOW + 2,
          },
          revoked: revoked ? 0 : null,
          suspended: suspended ? 0 : null,
        };
        const policy = other ? '6'.repeat(64) : POLICY;
        const told = standingReasons(standing, HASH, { now: NOW, policy }).map(({ kind }) => kind);
        const expected = {
          'not-certified': !certified,
          revoked,
          suspended,
          'not-yet': early,
          expired,
          'policy-changed': other,
        };
        expect(told).toEqual(Object.entries(expected).flatMap(([kind, is]) => (is ? [kind] : [])));
      },
    ),
  );
});

test('every reason is a sentence, and quotes no parameter', () => {
  const limit = { used: 1, limit: 2, per: 'day' } as const;
  const reasons: readonly ToolReason[] = [
    { kind: 'not-certified' },
    { kind: 'revoked' },
    { kind: 'suspended' },
    { kind: 'not-yet' },
    { kind: 'expired' },
    { kind: 'policy-changed' },
    { kind: 'purpose', purpose: 'x' },
    { kind: 'query' },
    { kind: 'parameters', given: 1, wanted: 2 },
    { kind: 'parameter', query: 'stays', parameter: 1 },
    { kind: 'calls', ...limit },
    { kind: 'cells', ...limit },
  ];
  expect(new Set(reasons.map(toolReasonText)).size).toBe(reasons.length);
  const verdict = toolVerdict(STANDING, { ...REQUEST, parameters: ['Maria'] }, FACTS);
  if (verdict.allowed) throw new Error('allowed');
  expect(verdict.reasons.map(toolReasonText).join()).not.toContain('Maria');
});

test('a report’s digest is of all of it', () => {
  const report: ToolReport = {
    version: 1,
    tool: BUNDLE.name,
    release: '1',
    bundle: HASH,
    policy: POLICY,
    schema: POLICY,
    rows: 3,
    checks: [{ id: 'fields', query: 'stays', status: 'passed', found: 'days' }],
  };
  expect(failedChecks(report)).toEqual([]);
  const failed = { ...report, checks: [{ ...report.checks[0]!, status: 'failed' as const }] };
  expect(failedChecks(failed)).toHaveLength(1);
  const all = [report, failed, { ...report, rows: 4 }, { ...report, policy: HASH }];
  expect(new Set(all.map(reportDigest)).size).toBe(4);
});
