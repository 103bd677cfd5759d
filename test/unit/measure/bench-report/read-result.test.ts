import { describe, expect, test } from 'vitest';
import { isOpalineError } from '../../../../src/errors/opaline-error.ts';
import { readResult } from '../../../../src/measure/bench-report/read-result.ts';
import { inventedResult } from '../../../support/bench-result.ts';

/** A result’s JSON with one place changed. */
function changed(path: readonly (string | number)[], value: unknown): string {
  const result = JSON.parse(JSON.stringify(inventedResult(2))) as Record<string, unknown>;
  let at: Record<string | number, unknown> = result;
  for (const step of path.slice(0, -1)) at = at[step] as Record<string | number, unknown>;
  at[path.at(-1)!] = value;
  return JSON.stringify(result);
}

function codeOf(json: string): string {
  try {
    readResult(json);
    return 'none';
  } catch (error) {
    return isOpalineError(error) ? error.code : String(error);
  }
}

const FIRST = ['suites', 0, 'measurements', 0] as const;

describe('a result from a file', () => {
  test('comes back as it was', () => {
    const result = inventedResult(2);
    expect(readResult(JSON.stringify(result))).toEqual(result);
  });

  test.each<[string, (string | number)[], unknown]>([
    ['a time that is no number', [...FIRST, 'ms', 0], '3'],
    ['no time at all', [...FIRST, 'ms'], []],
    ['a negative time', [...FIRST, 'ms', 0], -1],
    ['a fraction of a row', [...FIRST, 'rows'], 1.5],
    ['an advantage above 1', [...FIRST, 'privacy', 'advantage', 'mean'], 1.01],
    ['a measure that there is not', [...FIRST, 'privacy', 'measure'], 'people'],
    ['a scheme without a statement', [...FIRST, 'scheme'], 'stranger'],
    ['two statements of one scheme', ['schemes', 1, 'scheme'], 'plain-oak'],
    ['growth of a scheme without a statement', ['suites', 0, 'growth', 0, 'scheme'], 'stranger'],
    ['growth from no rows', ['suites', 0, 'growth', 0, 'points', 0, 'rows'], 0],
    ['a date that is none', ['date'], 'yesterday'],
    ['a name without end', [...FIRST, 'workload'], 'x'.repeat(201)],
    ['a workload without a name', [...FIRST, 'workload'], ''],
    ['a machine that is a text', ['machine'], 'fast'],
    ['no suites', ['suites'], undefined],
  ])('%s is refused', (_, path, value) => {
    expect(codeOf(changed(path, value))).toBe('BYTES_INVALID');
  });

  test('another version is named', () => {
    expect(codeOf(changed(['version'], 2))).toBe('VERSION_UNSUPPORTED');
  });

  test.each(['', 'null', '[]', '{}', '{"version":1}', '"text"'])('%j is refused', (json) => {
    expect(codeOf(json)).toBe('BYTES_INVALID');
  });

  test('the refusal names the place', () => {
    expect(() => readResult(changed([...FIRST, 'ms', 0], 'x'))).toThrow(
      /suites\.0\.measurements\.0\.ms\.0/,
    );
  });
});
