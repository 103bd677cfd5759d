import type { PolicyFacts, PolicyRequest } from '../../../src/policy/decide.ts';
import {
  type PolicyDocument,
  type Purpose,
  readDocument,
  type Rule,
} from '../../../src/policy/document.ts';
import type { Principal } from '../../../src/policy/principal.ts';

export const NOW: number = Date.parse('2026-06-01T12:00:00Z');
export const DAY = 86_400_000;

export const PURPOSE: Purpose = {
  description: 'length of stay by ward',
  table: 'visits',
  fields: ['ward', 'days'],
  consent: { notices: ['2026-1'] },
  quota: { limit: 3, per: 'day' },
  derived: { limit: 100, per: 'week' },
  approvals: 0,
  expires: '2027-01-01T00:00:00Z',
};

export const ALLOW: Rule = {
  effect: 'allow',
  principals: ['role:analyst'],
  purposes: ['quality'],
  operations: ['aggregate'],
};

export function policyOf(changes: Partial<PolicyDocument> = {}): PolicyDocument {
  const read = readDocument({
    revision: 1,
    issued: '2026-01-01T00:00:00Z',
    description: 'a ward’s policy',
    cohort: 10,
    attestations: [],
    purposes: { quality: PURPOSE },
    rules: [ALLOW],
    ...changes,
  });
  if ('issues' in read) throw new Error(JSON.stringify(read.issues));
  return read.document;
}

export const ANA: Principal = {
  name: 'ana',
  kind: 'staff',
  roles: ['analyst'],
  revoked: false,
  expires: null,
};

export const REQUEST: PolicyRequest = {
  principal: ANA,
  purpose: 'quality',
  table: 'visits',
  operation: 'aggregate',
  fields: ['ward', 'days'],
  cells: 10,
};

export const FACTS: PolicyFacts = {
  now: NOW,
  queries: [],
  cells: [],
  attestations: [],
  officers: [],
};
