import { describe, expect, test } from 'vitest';
import { parseResult } from '../../../../src/measure/bench/read-result.ts';
import { measurement, resultOf } from './support.ts';

const good = resultOf([measurement({ ms: [1, 2] })]);
const altered = (change: (result: Record<string, never>) => void): unknown => {
  const copy = structuredClone(good) as unknown as Record<string, never>;
  change(copy);
  return copy;
};

describe('parseResult', () => {
  test('takes what a run wrote', () => {
    expect(parseResult(JSON.parse(JSON.stringify(good)))).toEqual(good);
  });

  test.each<[string, unknown]>([
    ['no object', 5],
    ['a list', []],
    ['no suites', { ...good, suites: undefined }],
    ['no machine', { ...good, machine: null }],
    ['measurements that are none', { ...good, suites: [{ ...good.suites[0], measurements: {} }] }],
    ['a scheme without a statement', { ...good, schemes: [{ scheme: 'a' }] }],
    ['times that are texts', resultOf([measurement({ ms: ['1'] as never })])],
    ['no times', resultOf([measurement({ ms: [] })])],
    ['negative times', resultOf([measurement({ ms: [-1] })])],
  ])('refuses %s', (_, json) => {
    expect(() => parseResult(json)).toThrow(expect.objectContaining({ code: 'INPUT_MALFORMED' }));
  });

  test('refuses another version', () => {
    const other = altered((result) => Object.assign(result, { version: 2 }));
    expect(() => parseResult(other)).toThrow(
      expect.objectContaining({ code: 'VERSION_UNSUPPORTED' }),
    );
  });
});
