import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOpalineError } from '../../../src/errors/opaline-error.ts';
import { checkAppend } from '../../../src/table/schema-check.ts';
import { parseSchema, schemaToJson } from '../../../src/table/schema-json.ts';
import { DEFAULT_SEARCH } from '../../../src/table/search-index.ts';
import { anyCharacter } from './any-text.ts';

/** The example of the design, without what later versions add. */
const VISITS = {
  version: 1,
  table: 'visits',
  subject: 'patient_id',
  columns: {
    patient_id: { type: 'text', search: 'sse' },
    ward: { type: 'text' },
    days: { type: 'integer' },
    fee: {
      type: 'decimal',
      scale: 2,
      range: ['0', '5000'],
      nullable: true,
      category: 'financial',
    },
  },
  pairs: [['fee', 'days']],
  groupBy: { ward: 'masks' },
  layout: 'random',
};

const withTable = (part: object): object => ({ ...VISITS, ...part });
const withFee = (part: object): object => ({
  ...VISITS,
  columns: { ...VISITS.columns, fee: { ...VISITS.columns.fee, ...part } },
});

const withWard = (part: object): object => ({
  ...VISITS,
  columns: { ...VISITS.columns, ward: { ...VISITS.columns.ward, ...part } },
  groupBy: {},
});

describe('parseSchema', () => {
  it('gives defaults, scaled ranges and pairs in schema order', () => {
    expect(parseSchema(VISITS)).toEqual({
      version: 1,
      table: 'visits',
      subject: 'patient_id',
      columns: [
        { name: 'patient_id', type: 'text', scale: 0, nullable: false, search: DEFAULT_SEARCH },
        { name: 'ward', type: 'text', scale: 0, nullable: false, search: DEFAULT_SEARCH },
        { name: 'days', type: 'integer', scale: 0, nullable: false, search: DEFAULT_SEARCH },
        {
          name: 'fee',
          type: 'decimal',
          scale: 2,
          nullable: true,
          range: [0n, 500000n],
          category: 'financial',
          search: DEFAULT_SEARCH,
        },
      ],
      pairs: [['days', 'fee']],
      groupBy: [],
      undeclared: 'pairs',
      layout: 'random',
    });
  });

  it('takes private groups with the products summed by them, and a clustered layout', () => {
    const groupBy = {
      ward: {
        oblivious: [
          ['fee', 'fee'],
          ['fee', 'days'],
        ],
      },
      days: 'oblivious',
    };
    const schema = parseSchema(withTable({ groupBy, layout: { clustered: 'patient_id' } }));
    expect(schema.groupBy).toEqual([
      {
        column: 'ward',
        products: [
          ['fee', 'fee'],
          ['days', 'fee'],
        ],
      },
      { column: 'days', products: [] },
    ]);
    expect(schema.layout).toEqual({ clustered: 'patient_id' });
    expect(parseSchema(schemaToJson(schema))).toEqual(schema);
  });

  it('puts derived columns after the others, with the scales and NULLs of their factors', () => {
    const derived = { days2: 'days^2', cost: 'days2 * fee', f2: 'fee*"fee"' };
    const { columns, pairs } = parseSchema(withTable({ derived, pairs: [['cost', 'days']] }));
    const common = { search: DEFAULT_SEARCH };
    expect(columns.slice(4)).toEqual([
      {
        ...common,
        name: 'days2',
        type: 'integer',
        scale: 0,
        nullable: false,
        derived: ['days', 'days'],
      },
      {
        ...common,
        name: 'cost',
        type: 'decimal',
        scale: 2,
        nullable: true,
        derived: ['days2', 'fee'],
      },
      {
        ...common,
        name: 'f2',
        type: 'decimal',
        scale: 4,
        nullable: true,
        derived: ['fee', 'fee'],
      },
    ]);
    expect(pairs).toEqual([['days', 'cost']]);
  });

  it('takes integers, exact strings and any size in a range', () => {
    const range = parseSchema(withFee({ range: [-3, `${10n ** 40n}.25`] })).columns[3]!.range;
    expect(range).toEqual([-300n, 10n ** 42n + 25n]);
  });

  it('takes lists of prefixes and grams on text, and rules for the keywords of documents', () => {
    const both = { index: 'sse', prefix: 16, ngram: 3 } as const;
    const of = (part: object): object => parseSchema(withWard(part)).columns[1]!;
    expect(of({ search: both })).toMatchObject({ search: [both] });
    expect(of({ search: [{ index: 'sse', ngram: 2 }] })).toMatchObject({
      search: [{ index: 'sse', ngram: 2 }],
    });
    expect(of({ type: 'document' })).toMatchObject({ tokens: 'unicode', search: DEFAULT_SEARCH });
    expect(of({ type: 'document', tokens: 'ascii' })).toMatchObject({ tokens: 'ascii' });
    expect(of({})).not.toHaveProperty('tokens');
  });

  it('takes numeric columns that rows are scored by', () => {
    const of = (part: object): object =>
      parseSchema(withFee(part)).columns.find(({ name }) => name === 'fee')!;
    expect(of({ score: true })).toMatchObject({ score: true });
    expect(of({ score: false })).not.toHaveProperty('score');
    expect(of({})).not.toHaveProperty('score');
  });

  it('is frozen all through', () => {
    const open: unknown[] = [parseSchema(VISITS)];
    for (let part = open.pop(); part !== undefined; part = open.pop()) {
      if (typeof part !== 'object' || part === null) continue;
      expect(Object.isFrozen(part)).toBe(true);
      open.push(...Object.values(part).filter((value) => value !== undefined));
    }
  });

  it('returns a schema that it made', () => {
    const schema = parseSchema(VISITS);
    expect(parseSchema(schema)).toBe(schema);
  });

  it.each<[string, unknown]>([
    ['schema', null],
    ['schema', [VISITS]],
    ['version', { ...VISITS, version: '1' }],
    ['version', {}],
    ['table', withTable({ table: '' })],
    ['table', withTable({ table: undefined })],
    ['table', withTable({ table: 'ü'.repeat(32) })],
    ['table', withTable({ table: 'a\nb' })],
    ['table', withTable({ table: 'a\ud800' })],
    ['tables', withTable({ tables: 1 })],
    ['subject', withTable({ subject: 'patient' })],
    ['subject', withTable({ subject: null })],
    ['columns', withTable({ columns: {} })],
    ['columns', withTable({ columns: [] })],
    ['columns', withTable({ columns: 'ward' })],
    ['columns', withTable({ columns: many(257) })],
    ['columns.', withTable({ columns: { '': { type: 'text' } } })],
    ['columns.ward', withTable({ columns: { ward: 'text' } })],
    ['columns[1].name', withTable({ columns: [{ name: 'a', type: 'text' }, { type: 'text' }] })],
    ['columns.a', withTable({ columns: ['text', 'date'].map((type) => ({ name: 'a', type })) })],
    ['columns.fee.type', withFee({ type: 'money' })],
    ['columns.fee.type', withFee({ type: undefined })],
    ['columns.fee.type', withFee({ type: 'toString' })],
    ['columns.fee.scal', withFee({ scal: 2 })],
    ['columns.fee.scale', withFee({ scale: undefined })],
    ['columns.fee.scale', withFee({ scale: 19 })],
    ['columns.fee.scale', withFee({ scale: -1 })],
    ['columns.fee.scale', withFee({ scale: 1.5 })],
    ['columns.fee.scale', withFee({ scale: '2' })],
    ['columns.fee.scale', withFee({ type: 'integer', range: [0, 1] })],
    ['columns.fee.nullable', withFee({ nullable: 'yes' })],
    ['columns.fee.category', withFee({ category: '' })],
    ['columns.fee.range', withFee({ range: '0..5' })],
    ['columns.fee.range', withFee({ range: [0] })],
    ['columns.fee.range', withFee({ range: [1, 0] })],
    ['columns.fee.range[1]', withFee({ range: ['0', '1.234'] })],
    ['columns.fee.range[0]', withFee({ range: [0.5, 1] })],
    ['columns.fee.range[1]', withFee({ range: [0, 2 ** 53] })],
    ['columns.fee.range', withFee({ type: 'text', scale: undefined })],
    ['columns.fee.search', withFee({ search: 'hash' })],
    ['columns.fee.search', withFee({ search: ['sse', 'sse'] })],
    ['columns.fee.search[0]', withFee({ search: [7] })],
    ['columns.fee.search.index', withFee({ search: {} })],
    ['columns.fee.search.rows', withFee({ search: { index: 'sse', rows: 1 } })],
    ['columns.fee.search', withFee({ search: ['sse', { index: 'sse' }] })],
    ['columns.fee.search', withFee({ search: 'iex' })],
    ['columns.fee.search.index', withFee({ search: { index: 'iex' } })],
    ['columns.fee.search.prefix', withFee({ search: { index: 'sse', prefix: 16 } })],
    ['columns.fee.search.bits', withFee({ search: { index: 'tag', bits: 0 } })],
    ['columns.fee.search.bits', withFee({ search: { index: 'tag', bits: 2.5 } })],
    ['columns.fee.search[1].pad', withFee({ search: ['sse', { index: 'sse-padded', pad: 2 }] })],
    ['columns.fee.search.scheme', withFee({ search: { index: 'pir', scheme: 'fast' } })],
    ['columns.fee.search.pad', withFee({ search: { index: 'pir', pad: 'max' } })],
    ['columns.fee.tokens', withFee({ tokens: 'ascii' })],
    ['columns.fee.score', withFee({ score: 1 })],
    ['columns.ward.score', withWard({ score: true })],
    ['columns.ward.tokens', withWard({ type: 'document', tokens: 'words' })],
    ['columns.ward.search.prefix', withWard({ search: { index: 'sse', prefix: 2 } })],
    ['columns.ward.search.prefix', withWard({ search: { index: 'sse', prefix: 17 } })],
    ['columns.ward.search.ngram', withWard({ search: { index: 'sse', ngram: 1 } })],
    ['columns.ward.search', withWard({ search: 'ore' })],
    ['columns.ward.search', withWard({ type: 'boolean', search: 'tag' })],
    ['columns.ward.search', withWard({ type: 'real', search: 'mitra' })],
    ['columns.ward.search[0]', withWard({ type: 'document', search: ['smooth'] })],
    ['pairs', withTable({ pairs: 'fee*days' })],
    ['pairs[0]', withTable({ pairs: [['fee']] })],
    ['pairs[0][1]', withTable({ pairs: [['fee', 'nights']] })],
    ['pairs[0][0]', withTable({ pairs: [['ward', 'fee']] })],
    ['pairs[0]', withTable({ pairs: [['fee', 'fee']] })],
    ['pairs[1]', withTable({ pairs: VISITS.pairs.concat([['days', 'fee']]) })],
    ['derived', withTable({ derived: 'days*days' })],
    ['derived.d2', withTable({ derived: { d2: 7 } })],
    ['derived.d2', withTable({ derived: { d2: 'days' } })],
    ['derived.d2', withTable({ derived: { d2: 'days+days' } })],
    ['derived.d2', withTable({ derived: { d2: 'days*nights' } })],
    ['derived.d2', withTable({ derived: { d2: 'days*ward' } })],
    ['derived.d2', withTable({ derived: { d2: 'd3*days', d3: 'days*days' } })],
    ['derived.d2', withTable({ derived: { d2: 'lag(days)' } })],
    ['derived.d2', withTable({ derived: { d2: 'days^65' } })],
    ['derived.fee', withTable({ derived: { fee: 'days*days' } })],
    ['derived[1].name', withTable({ derived: [{ name: 'd2', product: 'days^2' }, {}] })],
    ['derived.d2', withTable({ derived: [{ name: 'd2', product: 'days*' }] })],
    ['derived[0].of', withTable({ derived: [{ name: 'd2', of: 'days^2' }] })],
    [
      'derived.d200',
      withTable({
        columns: { ...VISITS.columns, fee: { type: 'decimal', scale: 18 } },
        derived: { d200: 'fee^23' },
      }),
    ],
    ['subject', withTable({ derived: { d2: 'days^2' }, subject: 'd2' })],
    [
      'columns',
      withTable({
        columns: { ...many(255), days: { type: 'integer' } },
        derived: { d2: 'days^2' },
        subject: undefined,
        pairs: [],
        groupBy: {},
      }),
    ],
    ['groupBy.wards', withTable({ groupBy: { wards: 'masks' } })],
    ['groupBy.ward', withTable({ groupBy: { ward: 'fast' } })],
    ['groupBy', withTable({ groupBy: ['ward'] })],
    ['groupBy.ward', withTable({ groupBy: { ward: { private: [] } } })],
    ['groupBy.ward.oblivious', withTable({ groupBy: { ward: { oblivious: 'fee' } } })],
    ['groupBy.ward.oblivious[0]', withTable({ groupBy: { ward: { oblivious: [['fee']] } } })],
    [
      'groupBy.ward.oblivious[0][1]',
      withTable({ groupBy: { ward: { oblivious: [['fee', 'ward']] } } }),
    ],
    [
      'groupBy.ward.oblivious[1]',
      withTable({
        groupBy: {
          ward: {
            oblivious: [
              ['fee', 'days'],
              ['days', 'fee'],
            ],
          },
        },
      }),
    ],
    ['layout', withTable({ layout: { clustered: 'ward', by: 'days' } })],
    ['layout.clustered', withTable({ layout: { clustered: 'nights' } })],
    ['layout.clustered', withTable({ layout: { clustered: 7 } })],
    [
      'layout.clustered',
      withTable({ groupBy: { ward: 'oblivious' }, layout: { clustered: 'ward' } }),
    ],
    ['layout', withTable({ layout: 'sorted' })],
    ['layout', withTable({ layout: null })],
  ])('refuses at %s', (path, json) => {
    const error = failure(() => parseSchema(json));
    expect(isOpalineError(error, 'SCHEMA_INVALID') && error.details.path).toBe(path);
  });

  it.each<[unknown, readonly object[]]>([
    ['ore', [{ index: 'ore' }]],
    ['tag', [{ index: 'tag' }]],
    [{ index: 'tag', bits: 5 }, [{ index: 'tag', bits: 5 }]],
    [
      ['ore', { index: 'tag', bits: 12 }],
      [{ index: 'ore' }, { index: 'tag', bits: 12 }],
    ],
    ['oblivious', [{ index: 'oblivious' }]],
    [{ index: 'oblivious', by: 'sums' }, [{ index: 'oblivious' }]],
    [{ index: 'oblivious', by: 'codes' }, [{ index: 'oblivious', by: 'codes' }]],
  ])('takes the search %j and gives it back', (search, parsed) => {
    const schema = parseSchema(withFee({ search }));
    expect(schema.columns.find(({ name }) => name === 'fee')!.search).toEqual(parsed);
    expect(parseSchema(schemaToJson(schema))).toEqual(schema);
  });

  it('gives a column that is oblivious by codes no private groups, whose groups are declared no other way', () => {
    const codes = { index: 'oblivious', by: 'codes' };
    expect(parseSchema(withFee({ search: 'oblivious' })).groupBy.length).toBe(1);
    expect(parseSchema(withFee({ search: codes })).groupBy).toEqual([]);
    for (const [path, more] of [
      ['groupBy.fee', { groupBy: { fee: 'oblivious' } }],
      ['groupBy.fee', { groupBy: { fee: 'masks' } }],
      ['layout.clustered', { layout: { clustered: 'fee' } }],
    ] as const) {
      const error = failure(() => parseSchema({ ...withFee({ search: codes }), ...more }));
      expect(isOpalineError(error, 'SCHEMA_INVALID') && error.details.path).toBe(path);
    }
    const other = failure(() => parseSchema(withFee({ search: { ...codes, by: 'rows' } })));
    expect(isOpalineError(other, 'SCHEMA_INVALID') && other.details.path).toBe(
      'columns.fee.search.by',
    );
  });

  it('refuses another version', () => {
    const error = failure(() => parseSchema({ ...VISITS, version: 2 }));
    expect(isOpalineError(error, 'VERSION_UNSUPPORTED') && error.details.version).toBe(2);
  });
});

describe('schemaToJson', () => {
  it('keeps the order of names that JavaScript would move', () => {
    const columns = [
      { name: 'b', type: 'text' },
      { name: '2024', type: 'integer' },
      { name: '__proto__', type: 'boolean' },
      { name: '7', type: 'integer' },
    ];
    const schema = parseSchema({ version: 1, table: 't', columns });
    const json: unknown = JSON.parse(JSON.stringify(schemaToJson(schema)));
    expect(parseSchema(json)).toEqual(schema);
    expect(parseSchema(json).columns.map((c) => c.name)).toEqual(['b', '2024', '__proto__', '7']);
  });

  it('keeps the order of derived columns too', () => {
    const columns = { a: { type: 'integer' } };
    const derived = [
      { name: 'b', product: 'a*a' },
      { name: '7', product: 'b*a' },
    ];
    const schema = parseSchema({ version: 1, table: 't', columns, derived });
    const json: unknown = JSON.parse(JSON.stringify(schemaToJson(schema)));
    expect(parseSchema(json)).toEqual(schema);
    expect(parseSchema(json).columns.map((c) => c.name)).toEqual(['a', 'b', '7']);
  });

  it('round-trips every schema through JSON text', () => {
    fc.assert(
      fc.property(anySchema(), (json) => {
        const schema = parseSchema(json);
        expect(parseSchema(JSON.parse(JSON.stringify(schemaToJson(schema))))).toEqual(schema);
      }),
      { numRuns: 300 },
    );
  });
});

describe('checkAppend', () => {
  const existing = parseSchema(VISITS);

  it('accepts the same columns, and stricter ones', () => {
    checkAppend(existing, parseSchema(schemaToJson(existing)));
    checkAppend(existing, parseSchema(withFee({ nullable: false })));
  });

  it.each<[string, object]>([
    ['table', withTable({ table: 'stays' })],
    ['subject', withTable({ subject: 'ward' })],
    ['pairs', withTable({ pairs: [] })],
    ['columns', withTable({ derived: { d2: 'days^2' } })],
    ['"fee" is decimal with 2 places', withFee({ scale: 3 })],
    ['"fee" is decimal', withFee({ range: [0, 1] })],
    ['columns', withTable({ columns: { ...VISITS.columns, extra: { type: 'text' } } })],
    [
      '"ward" is not nullable',
      withTable({ columns: { ...VISITS.columns, ward: { type: 'text', nullable: true } } }),
    ],
  ])('refuses another %s', (reason, json) => {
    const error = failure(() => checkAppend(existing, parseSchema(json)));
    expect(isOpalineError(error, 'SCHEMA_MISMATCH') && error.details.reason).toContain(reason);
  });
});

function many(count: number): object {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`c${i}`, { type: 'text' }]));
}

function failure(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

function anySchema(): fc.Arbitrary<object> {
  const name = fc
    .string({ unit: anyCharacter, minLength: 1, maxLength: 12 })
    .filter((text) => !/\p{Cc}/u.test(text));
  const integer = fc.bigInt(-(10n ** 30n), 10n ** 30n).map(String);
  const range = fc
    .tuple(integer, integer)
    .map((ends) => ends.sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1)));
  const common = {
    nullable: fc.boolean(),
    category: name,
    search: fc.constantFrom('sse', [], ['sse'], { index: 'sse' }),
  };
  const rule = fc.constantFrom('unicode', 'ascii');
  const lists = fc.record(
    {
      index: fc.constant('sse'),
      prefix: fc.integer({ min: 3, max: 16 }),
      ngram: fc.integer({ min: 2, max: 8 }),
    },
    { requiredKeys: ['index'] },
  );
  const some = { requiredKeys: ['type'] as ['type'] };
  const column = fc.oneof(
    fc.record({ ...common, type: fc.constantFrom('text', 'date', 'real', 'document') }, some),
    fc.record({ ...common, type: fc.constant('document'), tokens: rule }, some),
    fc.record({ ...common, type: fc.constant('text'), search: lists }, some),
    fc.record(
      { ...common, type: fc.constantFrom('integer', 'real'), score: fc.constant(true) },
      some,
    ),
    fc.record({ ...common, type: fc.constant('integer'), range }, some),
    fc.record(
      { ...common, type: fc.constant('decimal'), scale: fc.nat(18), range },
      { requiredKeys: ['type', 'scale'] },
    ),
  );
  return fc
    .tuple(name, fc.dictionary(name, column, { minKeys: 1, maxKeys: 8 }), fc.boolean())
    .map(([table, columns, subject]) => {
      const names = Object.keys(columns);
      const numeric = names.filter((key) => /integer|decimal/.test(columns[key]!.type));
      return {
        version: 1,
        table,
        columns,
        ...(subject ? { subject: names.at(-1) } : {}),
        ...(numeric.length === 0 || names.includes('d')
          ? {}
          : {
              derived: [{ name: 'd', product: square(numeric[0]!) }],
            }),
        ...(numeric.length < 2 ? {} : { pairs: [[numeric.at(-1), numeric[0]]] }),
      };
    });
}

function square(name: string): string {
  return `"${name.replaceAll('"', '""')}"^2`;
}

describe('a key', () => {
  const keyed = (key: unknown, columns: object = {}): object => ({
    version: 1,
    table: 't',
    key,
    columns: { id: { type: 'text' }, n: { type: 'integer' }, ...columns },
  });

  it('is a column or several, and kept in the JSON form', () => {
    expect(parseSchema(keyed('id')).key).toEqual(['id']);
    expect(parseSchema(keyed(['n', 'id'])).key).toEqual(['n', 'id']);
    for (const key of ['id', ['n', 'id']]) {
      const schema = parseSchema(keyed(key));
      expect(schemaToJson(schema)).toMatchObject({ key });
      expect(parseSchema(schemaToJson(schema))).toEqual(schema);
    }
  });

  it.each([
    ['no', {}],
    [[], {}],
    [['id', 'id'], {}],
    [7, {}],
    ['x', { x: { type: 'text', nullable: true } }],
    ['x', { x: { type: 'real' } }],
    ['x', { x: { type: 'document' } }],
    ['x', { x: { type: 'text', search: [] } }],
  ])('%j of %j is refused', (key, columns) => {
    expect(() => parseSchema(keyed(key, columns))).toThrow(
      expect.objectContaining({ code: 'SCHEMA_INVALID' }),
    );
  });

  it('is part of what an append must share', () => {
    const [one, other] = [parseSchema(keyed('id')), parseSchema(keyed('n'))];
    expect(() => checkAppend(one, one)).not.toThrow();
    expect(() => checkAppend(one, other)).toThrow(
      expect.objectContaining({ code: 'SCHEMA_MISMATCH' }),
    );
  });
});
