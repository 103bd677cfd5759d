import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  allowedCases,
  refusedCases,
} from '../../../../../src/client/governance/tools/parameter-cases.ts';
import { isSameAnswer, valuesOf } from '../../../../../src/client/governance/tools/plain-answer.ts';
import {
  syntheticRows,
  type SyntheticOptions,
} from '../../../../../src/client/governance/tools/synthetic-rows.ts';
import { testTool } from '../../../../../src/client/governance/tools/test-tool.ts';
import { wantedValues } from '../../../../../src/client/governance/tools/wanted-values.ts';
import { planQuery } from '../../../../../src/plan/plan-query.ts';
import type { PolicyDocument } from '../../../../../src/policy/document.ts';
import type { ToolBundle, ToolQuery } from '../../../../../src/policy/tool/bundle.ts';
import { isInSlot, type Slot } from '../../../../../src/policy/tool/slot.ts';
import { parseSchema } from '../../../../../src/table/schema-json.ts';

/** Of every type, with ranges, NULLs, a key and a product. */
const WIDE = parseSchema({
  version: 1,
  table: 'wide',
  subject: 'person',
  key: 'id',
  columns: {
    id: { type: 'integer', range: [1, 1_000_000] },
    person: { type: 'text' },
    age: { type: 'integer', range: [0, 120], nullable: true },
    fee: { type: 'decimal', scale: 2, range: ['-5.00', '999.99'], nullable: true },
    well: { type: 'boolean', nullable: true },
    born: { type: 'date' },
    seen: { type: 'timestamp' },
    weight: { type: 'real', nullable: true },
    city: { type: 'text', nullable: true },
    note: { type: 'document', nullable: true },
  },
  derived: { burden: 'age*fee' },
});

const OPTIONS: SyntheticOptions = { rows: 200, subjects: 20, seed: 'a', wanted: new Map() };

describe('synthetic rows', () => {
  const rows = syntheticRows(WIDE, OPTIONS);

  test('are of the schema, and the same for the same seed alone', async () => {
    const values = await valuesOf(WIDE, rows);
    expect(values).toHaveLength(200);
    expect(values.every((row) => row.length === WIDE.columns.length)).toBe(true);
    expect(syntheticRows(WIDE, OPTIONS)).toEqual(rows);
    expect(syntheticRows(WIDE, { ...OPTIONS, seed: 'b' })).not.toEqual(rows);
  });

  test('have both ends of each range, NULL where it may be, and every wanted value', () => {
    const of = (name: string, all = rows): Set<unknown> => new Set(all.map((row) => row[name]));
    for (const age of ['0', '1', '119', '120', null]) expect(of('age')).toContain(age);
    for (const fee of ['-5', '-4.99', '999.98', '999.99', '0', null]) {
      expect(of('fee')).toContain(fee);
    }
    for (const name of ['weight', 'city', 'note', 'well']) expect(of(name)).toContain(null);
    for (const name of ['born', 'seen', 'person', 'id']) expect(of(name)).not.toContain(null);
    expect(of('born')).toContain('2000-02-29');
    const wanted = new Map([['city', ['Turku', 'Oulu']]]);
    const asked = of('city', syntheticRows(WIDE, { ...OPTIONS, wanted }));
    expect(asked).toContain('Turku');
    expect(asked).toContain('Oulu');
    expect(of('person').size).toBe(20);
    expect(of('id').size).toBe(200);
  });

  test('of a key of few values are few', () => {
    const columns = { well: { type: 'boolean' }, age: { type: 'integer' } };
    const schema = parseSchema({ version: 1, table: 'few', key: 'well', columns });
    expect(syntheticRows(schema, OPTIONS)).toHaveLength(2);
  });

  test('have what plans compare with', async () => {
    const catalog = { schemas: new Map([['wide', WIDE]]) };
    const where =
      "age = 7 AND (fee > 1.25 OR well) AND NOT born = '2001-02-03' AND city IN ('Turku', 'Oulu') " +
      "AND seen < '2001-02-03T04:05:06.000007Z' AND MATCH(note, 'fever') AND age < 500";
    const plan = await planQuery(`SELECT COUNT(*) FROM wide WHERE ${where}`, [], catalog);
    const found = wantedValues([plan], WIDE);
    expect(found.get('age')).toEqual(['7']);
    expect(found.get('born')).toEqual(['2001-02-03']);
    expect(new Set(found.get('city'))).toEqual(new Set(['Turku', 'Oulu']));
    expect(found.get('note')).toEqual(['fever']);
    expect(found.get('seen')?.[0]).toMatch(/^2001-02-03T04:05:06\.00000[67]Z$/);
    const rows = syntheticRows(WIDE, { ...OPTIONS, wanted: found });
    expect((await valuesOf(WIDE, rows)).length).toBe(200);
  });
});

const slot: fc.Arbitrary<Slot> = fc.oneof(
  fc.tuple(fc.integer(), fc.integer()).map(([a, b]): Slot => {
    return { kind: 'integer', min: Math.min(a, b), max: Math.max(a, b) };
  }),
  fc.tuple(fc.integer(), fc.integer()).map(([a, b]): Slot => {
    return { kind: 'decimal', min: `${Math.min(a, b)}.5`, max: `${Math.max(a, b) + 1}.5` };
  }),
  fc.constant<Slot>({ kind: 'date', min: '2000-01-01', max: '2001-12-31' }),
  fc.constant<Slot>({ kind: 'boolean' }),
  fc
    .uniqueArray(fc.string(), { minLength: 1, maxLength: 30 })
    .map((values): Slot => ({ kind: 'text', values })),
);

describe('sets of parameters', () => {
  test('that a query may have are in its slots, with every end and every value of a set', () => {
    fc.assert(
      fc.property(fc.array(slot, { maxLength: 4 }), (slots) => {
        const cases = allowedCases(slots);
        expect(cases.length).toBeGreaterThan(0);
        for (const parameters of cases) {
          expect(parameters).toHaveLength(slots.length);
          expect(slots.every((one, i) => isInSlot(one, parameters[i]))).toBe(true);
        }
        for (const [i, one] of slots.entries()) {
          const seen = new Set(cases.map((parameters) => parameters[i]));
          if ('min' in one) expect([seen.has(one.min), seen.has(one.max)]).toEqual([true, true]);
          if (one.kind === 'text' && one.values.length <= 16) {
            expect(seen).toEqual(new Set(one.values));
          }
        }
      }),
    );
  });

  test('that it may not have are out of a slot, or not as many', () => {
    fc.assert(
      fc.property(fc.array(slot, { maxLength: 4 }), (slots) => {
        const cases = refusedCases(slots);
        expect(cases.length).toBeGreaterThan(slots.length);
        for (const parameters of cases) {
          const fits =
            parameters.length === slots.length &&
            slots.every((one, i) => isInSlot(one, parameters[i]));
          expect(fits).toBe(false);
        }
      }),
    );
  });
});

describe('an answer is that of the twin', () => {
  const columns = ['ward', 'avg'];
  const plain = { columns, rows: [['a', 1.5] as (string | number)[], ['b', 2]] };

  test('in any order, and as near as it says', () => {
    const turned = {
      columns,
      rows: [
        ['b', 2.0001],
        ['a', 1.5],
      ],
      errors: [null, 0.001],
    };
    expect(isSameAnswer(turned, plain)).toBe(true);
    expect(isSameAnswer({ ...turned, errors: [null, 0.00001] }, plain)).toBe(false);
  });

  test.each([
    [
      'another cell',
      {
        columns,
        rows: [
          ['a', 1.5],
          ['c', 2],
        ],
      },
    ],
    [
      'an inexact one that says it is exact',
      {
        columns,
        rows: [
          ['a', 1.5],
          ['b', 2.0001],
        ],
      },
    ],
    ['a row less', { columns, rows: [['a', 1.5]] }],
    [
      'a row twice',
      {
        columns,
        rows: [
          ['a', 1.5],
          ['a', 1.5],
        ],
      },
    ],
    ['other columns', { ...plain, columns: ['ward', 'sum'] }],
  ])('not with %s', (_, given) => {
    expect(isSameAnswer(given, plain)).toBe(false);
  });
});

describe('the test of a tool on every type of column', () => {
  const policy: PolicyDocument = {
    revision: 1,
    issued: '2026-01-01T00:00:00Z',
    description: 'of a test',
    cohort: 10,
    attestations: [],
    purposes: {
      study: {
        description: 'a study',
        table: 'wide',
        fields: WIDE.columns.map(({ name }) => name),
        consent: { notices: ['1'] },
        quota: { limit: 1, per: 'year' },
        derived: { limit: 1000, per: 'year' },
        approvals: 2,
        expires: null,
      },
    },
    rules: [
      {
        effect: 'allow',
        principals: ['kind:tool'],
        purposes: ['study'],
        operations: ['aggregate', 'search', 'rows'],
      },
    ],
  };
  const query = (
    name: string,
    sql: string,
    types: string,
    parameters: readonly Slot[] = [],
    rows = 1,
  ): ToolQuery => {
    const named = types.split(' ').map((one) => {
      const [column = '', type = ''] = one.split(':');
      return { name: column, type: type as 'number' | 'text' | 'boolean' };
    });
    return { name, sql, parameters, output: { columns: named, rows } };
  };
  const bundle: ToolBundle = {
    version: 1,
    name: 'study',
    vendor: 'Example',
    release: '1',
    purpose: 'study',
    table: 'wide',
    queries: [
      query(
        'ages',
        'SELECT SUM(age), AVG(age), COUNT(*) FROM wide WHERE age BETWEEN $1 AND $2',
        'sum:number avg:number count:number',
        [
          { kind: 'integer', min: 0, max: 10 },
          { kind: 'integer', min: 11, max: 120 },
        ],
      ),
      query(
        'fees',
        'SELECT SUM(fee), SUM(burden) FROM wide WHERE fee >= $1',
        'sum:number sum:number',
        [{ kind: 'decimal', min: '-5', max: '0.25' }],
      ),
      query(
        'wells',
        'SELECT well, COUNT(*) FROM wide WHERE well = $1 OR well IS NULL GROUP BY well',
        'well:boolean count:number',
        [{ kind: 'boolean' }],
        3,
      ),
      query('born', 'SELECT COUNT(*) FROM wide WHERE born <= $1', 'count:number', [
        { kind: 'date', min: '1970-01-01', max: '2024-02-29' },
      ]),
      query('weights', 'SELECT AVG(weight) FROM wide WHERE city = $1', 'avg:number', [
        { kind: 'text', values: ['Turku', "O'ulu", ''] },
      ]),
      query('notes', 'SELECT COUNT(*) FROM wide WHERE MATCH(note, $1)', 'count:number', [
        { kind: 'text', values: ['fever', 'fever AND cough'] },
      ]),
      query('oldest', 'SELECT MAX(age), MEDIAN(age) FROM wide', 'max:number median:number'),
      query('rows', 'SELECT city, age FROM wide WHERE age > 100', 'city:text age:number', [], 400),
    ],
    limits: { calls: { limit: 1, per: 'day' }, cells: { limit: 1000, per: 'day' } },
  };

  test('finds each of its queries answered as in clear', async () => {
    const principal = {
      name: 'study',
      kind: 'tool',
      roles: [],
      revoked: false,
      expires: null,
    } as const;
    const report = await testTool({
      bundle,
      policy: { document: policy, digest: new Uint8Array(32), officers: [] },
      schema: WIDE,
      principal,
      now: 1_800_000_000_000,
    });
    expect(report.checks.filter(({ status }) => status === 'failed')).toEqual([]);
    expect(report.checks).toHaveLength(3 + 5 * bundle.queries.length);
  });
});
