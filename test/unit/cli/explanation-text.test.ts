import { expect, test } from 'vitest';
import type { Explanation } from '../../../src/client/api.ts';
import { explanationText } from '../../../src/cli/output/explanation-text.ts';

const EXPLANATION: Explanation = {
  plan: ['visits: 4 rows', '  filter  ward = …'],
  verdict: 'answerable',
  leakage: [
    {
      node: 'equality on ward',
      index: 'sse',
      atRest: ['4 rows'],
      onQuery: ['which rows', 'repetition'],
      expectedRecovery: { attack: 'frequency matching', fraction: 0.4375 },
    },
    { node: 'sum', index: 'bfv', atRest: [], onQuery: [], expectedRecovery: null },
  ],
  notes: [],
  cost: { rounds: 1, tokens: 2, segments: 1, replyBytes: 49_200 },
  groupings: [],
  bounds: [
    { term: 'fee', noise: '88', noiseLimit: '4000', magnitude: '500000', magnitudeLimit: '9' },
  ],
};

test('sections in order, numbers aligned, what is empty left out', () => {
  expect(explanationText(EXPLANATION).split('\n')).toEqual([
    'Verdict',
    '  answerable',
    '',
    'Plan',
    '  visits: 4 rows',
    '    filter  ward = …',
    '',
    'Cost',
    '  1 round trip, 2 tokens, 1 segment',
    '  reply: at most 49.2 kB',
    '',
    'Proved before the run',
    '  term  noise  limit  magnitude  limit',
    '  ────  ─────  ─────  ─────────  ─────',
    '  fee      88   4000     500000      9',
    '',
    'What the store learns',
    '  equality on ward (sse)',
    '    at rest   4 rows',
    '    on query  which rows',
    '              repetition',
    '    recovery  43.8 % by frequency matching',
    '  sum (bfv)',
    '',
  ]);
});

test('ways to make the groups stand side by side', () => {
  const leakage = [
    { node: 'n', index: 'i', atRest: [], onQuery: ['a', 'b'], expectedRecovery: null },
  ];
  const groupings: Explanation['groupings'] = [
    { way: 'masks', chosen: true, needs: null, ms: 1.5, bytes: 98_400, leakage },
    { way: 'private', chosen: false, needs: 'a declaration', ms: 20, bytes: 5, leakage: [] },
    { way: 'vault', chosen: false, needs: null, ms: 3, bytes: 5000, leakage: [] },
  ];
  const lines = explanationText({ ...EXPLANATION, groupings }).split('\n');
  expect(
    lines.slice(lines.indexOf('Ways to make the groups'), lines.indexOf('Proved before the run')),
  ).toEqual([
    'Ways to make the groups',
    '  way      time    reply',
    '  ───────  ──────  ───────  ───────────────────',
    '  masks    1.5 ms  98.4 kB  chosen',
    '  private  20 ms   5 B      needs a declaration',
    '  vault    3 ms    5.00 kB  open',
    '  ',
    '  what the store learns by',
    '    masks     a',
    '              b',
    '',
  ]);
});

test('a name cannot steer the terminal', () => {
  const hostile = { ...EXPLANATION, plan: ['\u001b[31mred'] };
  expect(explanationText(hostile)).toContain('  \\u001b[31mred\n');
});
