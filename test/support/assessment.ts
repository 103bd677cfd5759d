/** An assessment for reports, made by the real register; its names try to be markup. */
import { assess, type Assessment } from '../../src/policy/assessment/assessment.ts';
import { CHECKS, type CheckId, checkResult } from '../../src/policy/assessment/checks.ts';
import { dataMap, type DescribedTable } from '../../src/policy/assessment/data-map.ts';
import { scopeHash } from '../../src/policy/assessment/scope.ts';
import { CONTEXT, POLICY } from './assessed.ts';

export const HOSTILE = '<img src=x onerror=alert(1)> | `x` **y** \u202e"&';

const TABLES: readonly DescribedTable[] = [
  {
    table: 'visits',
    rows: 120_000,
    subject: 'patient',
    subjects: { atLeast: 90_000, atMost: 110_000 },
    columns: [
      {
        name: 'days',
        type: 'integer',
        category: 'health',
        derived: [],
        computed: true,
        indexes: [
          {
            index: 'ore',
            exposure: 'rest',
            shows: [
              {
                use: 'range on days',
                atRest: ['the order of rows'],
                onQuery: ['which rows are in the range'],
                recovery: { attack: 'sorting', fraction: 0.123 },
              },
            ],
          },
        ],
      },
      { name: HOSTILE, type: 'text', category: HOSTILE, derived: [], computed: false, indexes: [] },
    ],
    shows: [{ use: 'fetch', atRest: ['120000 records'], onQuery: ['which'], recovery: null }],
  },
];

/** @param broken checks that failed */
export function inventedAssessment(broken: readonly CheckId[] = ['sensitive-hidden']): Assessment {
  const now = Date.UTC(2026, 0, 1);
  const context = {
    ...CONTEXT,
    organisation: { ...CONTEXT.organisation, name: HOSTILE },
    processors: [
      {
        name: HOSTILE,
        role: 'runs the store',
        legalBasis: 'contract',
        region: 'EU',
        certificate: null,
        expires: '2026-06-01T00:00:00Z',
      },
    ],
    risks: { inference: { accepted: HOSTILE } },
  };
  const store = 'https://store.example';
  const map = dataMap(TABLES, store, POLICY.purposes);
  const checks = (Object.keys(CHECKS) as CheckId[]).map((id, i) => {
    const status = broken.includes(id) ? 'failed' : i === 8 ? 'not-run' : 'passed';
    return { ...checkResult(id, { status, found: HOSTILE }, now + i), entry: i };
  });
  const scope = scopeHash({ schemas: [], purposes: {}, processors: [], store });
  const whole = assess({ map, context, policy: POLICY, now }, checks, scope);
  return { ...whole, logged: { log: 'opaline/vault/00', entry: 18 } };
}
