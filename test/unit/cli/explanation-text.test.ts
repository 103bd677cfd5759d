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

test('a name cannot steer the terminal', () => {
  const hostile = { ...EXPLANATION, plan: ['\u001b[31mred'] };
  expect(explanationText(hostile)).toContain('  \\u001b[31mred\n');
});
