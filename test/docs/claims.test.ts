import { describe, expect, test } from 'vitest';
import { checkClaims, readProject } from '../../bench/report/check-claims.ts';
import { readClaims, type Claims, type Source } from '../../bench/report/claims.ts';
import { quantitiesIn, quantityOf } from '../../bench/report/quantities.ts';
import type { Measurement } from '../../src/measure/bench/result.ts';
import { inventedResult } from '../support/bench-result.ts';

const claims = readClaims(readProject('bench/report/claims.json'));

test('every figure of the documents is what the committed results say', () => {
  expect(claims.claims.length).toBeGreaterThan(40);
  expect(checkClaims(claims, readProject)).toEqual([]);
});

const DOC = `Text.

| what  | ours   | peer |
| ----- | ------ | ---- |
| a sum | 2.5 ms | 7 s  |

\`\`\`text
took 99 ms
\`\`\`
`;
const RESULT = { lines: [{ what: 'sum', ours: 2500, peer: 7 }], runs: [4, 9, 2] };

const small: Claims = {
  files: ['DOC.md'],
  claims: [
    {
      file: 'DOC.md',
      claim: 'a sum | 2.5 ms |',
      figure: '2.5 ms',
      command: 'none',
      tolerance: 0.02,
      relation: 'about',
      result: { file: 'r.json', path: ['lines', { what: 'sum' }, 'ours'], unit: 'µs' },
    },
  ],
  constants: [{ file: 'DOC.md', text: '7 s', fixedBy: 'nothing' }],
};

function problems(
  claim: Partial<Claims['claims'][number]>,
  doc = DOC,
  result: unknown = RESULT,
): string {
  const changed = { ...small, claims: [{ ...small.claims[0]!, ...claim }] };
  const read = (path: string): string => (path === 'DOC.md' ? doc : JSON.stringify(result));
  return checkClaims(changed, read).join('\n');
}

describe('a claim', () => {
  test('that holds is no problem, whatever its white space', () => {
    expect(problems({})).toBe('');
    expect(problems({ claim: 'a sum   | 2.5\nms |', figure: '2.5\nms', value: '2.5 ms' })).toBe('');
  });

  test.each<[string, string]>([
    ['a sum | 2.6 ms |', 'it is there 0 times'],
    ['sum', 'it does not hold'],
  ])('of another text, %s', (claim, problem) => {
    expect(problems({ claim })).toContain(problem);
  });

  test('of another result', () => {
    const other = { lines: [{ what: 'sum', ours: 2600, peer: 7 }] };
    expect(problems({}, DOC, other)).toContain('2.5 ms (0.0025) is not about 0.0026');
    expect(problems({ tolerance: 0.05 }, DOC, other)).toBe('');
  });

  test('at most and at least look to one side', () => {
    const faster = { lines: [{ what: 'sum', ours: 100, peer: 7 }] };
    expect(problems({ relation: 'at most' }, DOC, faster)).toBe('');
    expect(problems({ relation: 'at least' }, DOC, faster)).toContain('is not at least');
  });

  test('of a place that is not there, or of which there are two', () => {
    const source = { file: 'r.json', unit: 'µs' };
    expect(problems({ result: { ...source, path: ['lines', 1, 'ours'] } })).toContain('has no 1');
    expect(problems({ result: { ...source, path: ['lines', { what: 'sum' }] } })).toContain(
      'leads to no number',
    );
    const two = { lines: [...RESULT.lines, ...RESULT.lines] };
    expect(problems({}, DOC, two)).toContain('2 items');
  });

  test('of another unit', () => {
    const result = { file: 'r.json', path: ['lines', 0, 'ours'], unit: 'B' };
    expect(problems({ result })).toContain('2.5 ms is of time, the result of bytes');
  });

  test('of runs, and of a quotient', () => {
    const runs = { file: 'r.json', path: ['runs'], unit: 'ms' };
    const doc = DOC.replace('2.5 ms', '2 times');
    const claim = { claim: 'a sum | 2 times |', figure: '2 times' };
    const taken = { ...claim, result: { ...runs, take: 'median' as const } };
    const dividedBy = { ...runs, take: 'least' as const };
    expect(problems({ ...taken, dividedBy }, doc)).toBe('');
    expect(problems({ ...taken, dividedBy: { ...runs, take: 'greatest' } }, doc)).toContain(
      'is not',
    );
  });

  test('of a measurement of opaline bench', () => {
    const result = inventedResult(1);
    const [first, second] = result.suites[0]!.measurements;
    const at = ({ workload, scheme, rows }: Measurement): Source => ({
      file: 'r.json',
      path: ['suites', { suite: 'tradeoff' }, 'measurements', { workload, scheme, rows }, 'ms'],
      take: 'median',
      unit: 'ms',
    });
    const median = (one: Measurement): number => one.ms.toSorted((a, b) => a - b)[5]!;
    const times = `${(median(first!) / median(second!)).toFixed(3)} times`;
    const claim = { claim: `a sum | ${times} |`, figure: times, tolerance: 0.01 };
    const quotient = { ...claim, result: at(first!), dividedBy: at(second!) };
    expect(problems(quotient, DOC.replace('2.5 ms', times), result)).toBe('');
    const swapped = { ...claim, result: at(second!), dividedBy: at(first!) };
    expect(problems(swapped, DOC.replace('2.5 ms', times), result)).toContain('is not about');
  });

  test('without any source', () => {
    const [{ result: _, ...bare }] = small.claims as [Claims['claims'][number]];
    const read = (): string => DOC;
    expect(checkClaims({ ...small, claims: [bare] }, read).join()).toContain('is wanted');
  });
});

describe('a quantity that has no row', () => {
  test('is found, outside blocks of output', () => {
    const read = (path: string): string => (path === 'DOC.md' ? DOC : JSON.stringify(RESULT));
    expect(checkClaims({ ...small, constants: [] }, read)).toEqual([
      expect.stringContaining('7 s has no row'),
    ]);
    expect(checkClaims({ ...small, claims: [] }, read)).toEqual([
      expect.stringContaining('2.5 ms has no row'),
    ]);
  });

  test('and so is a constant that is gone', () => {
    expect(problems({}, DOC.replace('7 s', 'much'))).toContain('the constant "7 s" is not there');
  });

  test.each([
    ['1,080 µs of 3 s', ['1,080 µs', '3 s']],
    ['839 M rows/s, 10.1 B sent', ['839 M rows/s', '10.1 B']],
    ['10^10 rows, n = 4096, 2 sums, SHA-256', []],
    ['a limit of 64 MiB', ['64 MiB']],
  ])('%s', (text, found) => {
    expect(quantitiesIn(text).map((one) => one.text)).toEqual(found);
  });

  test('in its base unit', () => {
    expect(quantityOf('1,080 µs').value).toBeCloseTo(1.08e-3, 12);
    expect(quantityOf('1.35 M rows/s')).toEqual({ dimension: 'rate', value: 1.35e6 });
    expect(quantityOf('2e-10')).toEqual({ dimension: 'number', value: 2e-10 });
    expect(() => quantityOf('fast')).toThrow('no quantity');
  });
});
