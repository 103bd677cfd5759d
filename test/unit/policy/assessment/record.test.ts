import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toHex } from '../../../../src/bytes/hex.ts';
import { NOTHING_STATED, type Processor } from '../../../../src/policy/assessment/context.ts';
import {
  assessmentReasonText,
  type AssessmentRecord,
  assessmentStatus,
  expiryOf,
  readRecord,
} from '../../../../src/policy/assessment/record.ts';
import { canonical, scopeHash } from '../../../../src/policy/assessment/scope.ts';
import { DAY_MS, NOW, purpose } from './support.ts';

const processor: Processor = {
  name: 'Cloud',
  role: 'runs the store',
  legalBasis: 'contract',
  region: 'EU',
  certificate: 'ISO/IEC 27701 no. 1',
  expires: '2026-06-01T00:00:00Z',
};
const scope = {
  schemas: [{ version: 1, table: 'visits', columns: { days: { type: 'integer' } } }],
  purposes: { beds: purpose(['days']) },
  processors: [] as Processor[],
  store: 'local folder',
};
const HASH = scopeHash(scope);

const record = (more: Partial<AssessmentRecord> = {}): AssessmentRecord => ({
  version: 1,
  issued: NOW,
  expires: expiryOf(NOW, 365),
  scope: toHex(HASH),
  stopped: [],
  checks: [{ id: 'vault-opens', status: 'passed' }],
  context: NOTHING_STATED,
  entry: 18,
  ...more,
});
const why = (...args: Parameters<typeof assessmentStatus>) => {
  const status = assessmentStatus(...args);
  return status.current ? 'current' : status.reason.kind;
};

describe('an assessment', () => {
  test('holds for a year, and not on day 366', () => {
    expect(why(record(), HASH, NOW)).toBe('current');
    expect(why(record(), HASH, NOW + 365 * DAY_MS - 1)).toBe('current');
    expect(why(record(), HASH, NOW + 365 * DAY_MS)).toBe('expired');
    expect(why(record(), HASH, NaN)).toBe('not-yet');
  });

  test('is against whoever has none, or one of a later time', () => {
    expect(why(undefined, HASH, NOW)).toBe('none');
    expect(why(record(), HASH, NOW - 1)).toBe('not-yet');
  });

  test('ends when the qualification of a processor does', () => {
    const context = { ...NOTHING_STATED, processors: [processor] };
    const end = Date.parse(processor.expires);
    expect(assessmentStatus(record({ context }), HASH, NOW)).toEqual({ current: true, until: end });
    expect(why(record({ context }), HASH, end)).toBe('processor-expired');
  });

  test('that found a risk to be stopped is no permission', () => {
    expect(why(record({ stopped: ['inference'] }), HASH, NOW)).toBe('stopped');
  });

  test('says why it does not hold', () => {
    const texts = [
      { kind: 'none' },
      { kind: 'expired', since: NOW },
      { kind: 'not-yet' },
      { kind: 'scope-changed' },
      { kind: 'processor-expired', processor: 'Cloud' },
      { kind: 'stopped', risks: ['inference'] },
    ] as const;
    expect(new Set(texts.map(assessmentReasonText)).size).toBe(texts.length);
  });
});

describe('the scope', () => {
  test.each<[string, Parameters<typeof scopeHash>[0]]>([
    ['a table', { ...scope, schemas: [...scope.schemas, { version: 1, table: 'other' }] }],
    [
      'a column’s type',
      { ...scope, schemas: [{ ...scope.schemas[0], columns: { days: { type: 'text' } } }] },
    ],
    ['a purpose’s fields', { ...scope, purposes: { beds: purpose(['days', 'ward']) } }],
    ['a purpose', { ...scope, purposes: {} }],
    ['a processor', { ...scope, processors: [processor] }],
    ['the store', { ...scope, store: 'https://store.example' }],
  ])('of which %s changed is another', (_, changed) => {
    expect(why(record(), scopeHash(changed), NOW)).toBe('scope-changed');
  });

  test('does not depend on the order of tables, processors or keys', () => {
    const other = { ...processor, name: 'Other' };
    const schemas = [{ a: 1, b: [1, 2] }, { c: 2 }];
    const one = scopeHash({ ...scope, schemas, processors: [processor, other] });
    const same = scopeHash({
      store: scope.store,
      processors: [other, processor],
      purposes: scope.purposes,
      schemas: [{ c: 2 }, { b: [1, 2], a: 1 }],
    });
    expect(toHex(same)).toBe(toHex(one));
    expect(canonical({ b: [2, 1], a: undefined })).toBe('{"b":[2,1]}');
  });

  test('canonical JSON reads as what it was made of', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        // −0 is 0 in JSON.
        expect(JSON.parse(canonical(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

describe('a record', () => {
  test('reads as it was written', () => {
    expect(readRecord(JSON.parse(JSON.stringify(record())))).toEqual(record());
  });

  test.each<[string, object]>([
    ['of more than a year', { expires: NOW + 365 * DAY_MS + 1 }],
    ['that ends before it begins', { expires: NOW }],
    ['with another version', { version: 2 }],
    ['with a scope that is none', { scope: 'ff' }],
    ['with something else in it', { more: 1 }],
    ['whose context is of another form', { context: {} }],
  ])('%s is none', (_, change) => {
    expect(readRecord({ ...record(), ...change })).toBeUndefined();
  });

  test('whatever is read, it is a record of a year at most or none', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (issued, span) => {
        const read = readRecord({ ...record(), issued, expires: issued + span });
        expect(read !== undefined).toBe(span > 0 && span <= 365 * DAY_MS);
      }),
    );
  });
});
