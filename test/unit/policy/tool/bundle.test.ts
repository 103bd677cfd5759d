import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bundleHash, readBundle, type ToolBundle } from '../../../../src/policy/tool/bundle.ts';
import { shapeProblem } from '../../../../src/policy/tool/output.ts';
import { BUNDLE } from './support.ts';

/** The same value with the keys of every object in another order. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, one]) => [key, turned(one)] as const);
  return Object.fromEntries(entries.reverse());
}

const issues = (json: unknown): readonly string[] => {
  const read = readBundle(json);
  return 'issues' in read ? read.issues.map(({ path }) => path) : [];
};

describe('a bundle', () => {
  test('is read as it is', () => {
    expect(readBundle(structuredClone(BUNDLE))).toEqual({ bundle: BUNDLE });
  });

  const [stays, all] = BUNDLE.queries as readonly [
    ToolBundle['queries'][number],
    ToolBundle['queries'][number],
  ];
  test.each<[string, object, string]>([
    ['another version', { version: 2 }, 'version'],
    ['a name that is none', { name: 'Bed planner' }, 'name'],
    ['something more', { more: 1 }, 'bundle'],
    ['no query', { queries: [] }, 'queries'],
    ['two queries of a name', { queries: [stays, { ...all, name: 'stays' }] }, 'queries.1.name'],
    ['two queries of a text', { queries: [stays, { ...stays, name: 'x' }] }, 'queries.1.sql'],
    [
      'a limit of nothing',
      { limits: { ...BUNDLE.limits, calls: { limit: 0, per: 'day' } } },
      'limits.calls.limit',
    ],
    ['no limit', { limits: {} }, 'limits.calls'],
    [
      'an empty range',
      { queries: [{ ...stays, parameters: [{ kind: 'integer', min: 2, max: 1 }] }] },
      'queries.0.parameters.0',
    ],
    [
      'an empty set',
      { queries: [{ ...stays, parameters: [{ kind: 'text', values: [] }] }] },
      'queries.0.parameters.0.values',
    ],
    [
      'no output',
      { queries: [{ ...all, output: { columns: [], rows: 1 } }] },
      'queries.0.output.columns',
    ],
  ])('with %s is refused there', (_, change, path) => {
    expect(issues({ ...BUNDLE, ...change })).toContain(path);
  });

  test('has one hash, however its file is laid out', () => {
    expect(bundleHash(BUNDLE)).toMatch(/^[0-9a-f]{64}$/);
    expect(bundleHash(turned(BUNDLE) as ToolBundle)).toBe(bundleHash(BUNDLE));
  });

  const paths: readonly (readonly (string | number)[])[] = [
    ['name'],
    ['release'],
    ['purpose'],
    ['table'],
    ['queries', 0, 'sql'],
    ['queries', 0, 'parameters', 0, 'max'],
    ['queries', 0, 'output', 'rows'],
    ['limits', 'cells', 'limit'],
  ];
  test('has another hash whatever changes in it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.integer({ min: 10, max: 1000 }), (path, number) => {
        const changed = structuredClone(BUNDLE) as unknown as Record<string | number, unknown>;
        let at = changed;
        for (const key of path.slice(0, -1)) at = at[key] as typeof changed;
        const last = path.at(-1)!;
        at[last] = typeof at[last] === 'number' ? number + 10_000 : `${String(at[last])}${number}`;
        expect(bundleHash(changed as unknown as ToolBundle)).not.toBe(bundleHash(BUNDLE));
      }),
    );
  });
});

describe('the shape of an answer', () => {
  const { output } = BUNDLE.queries[0]!;
  const columns = ['ward', 'sum'];

  test('is that of the bundle', () => {
    expect(
      shapeProblem(output, {
        columns,
        rows: [
          ['a', '1'],
          [null, 2.5],
        ],
      }),
    ).toBeUndefined();
  });

  test.each<[string, Parameters<typeof shapeProblem>[1], RegExp]>([
    ['other columns', { columns: ['sum', 'ward'], rows: [] }, /columns are "sum", "ward"/],
    ['one column more', { columns: [...columns, 'x'], rows: [] }, /columns/],
    ['one row more', { columns, rows: Array.from({ length: 4 }, () => ['a', '1']) }, /4 rows/],
    [
      'a text for a number',
      { columns, rows: [['a', 'secret']] },
      /^"sum" is not of the type number$/,
    ],
    ['a number for a text', { columns, rows: [[1, '1']] }, /"ward"/],
  ])('is not: %s', (_, result, problem) => {
    expect(shapeProblem(output, result)).toMatch(problem);
  });
});
