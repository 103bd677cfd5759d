import { expect, test } from 'vitest';
import { paillier } from '../../../../../src/measure/bench/schemes/paillier.ts';
import { sealBfv } from '../../../../../src/measure/bench/schemes/seal-bfv.ts';
import { sealBgv } from '../../../../../src/measure/bench/schemes/seal-bgv.ts';
import { sealCkks } from '../../../../../src/measure/bench/schemes/seal-ckks.ts';
import type { PreparedScheme } from '../../../../../src/measure/bench/scheme.ts';
import { QUESTIONS } from './fixture.ts';
import { describeScheme } from './support.ts';

const SUMS = ['sum', 'average', 'average of nothing', 'groups'] as const;

const sealed = (prepared: () => PreparedScheme): void => {
  test('numbers are sealed at rest, texts are plain', () => {
    expect(prepared().atRest?.('delay')).toBeUndefined();
    expect(prepared().atRest?.('origin')).toBe('all');
  });
};

describeScheme({ scheme: paillier, answers: SUMS, remote: true }, sealed);

for (const scheme of [sealBfv, sealBgv]) {
  describeScheme({ scheme, answers: [...SUMS, 'correlation'], remote: true }, (prepared) => {
    sealed(prepared);
    test('every answer is told with the noise that was left', async () => {
      for (const question of [QUESTIONS.sum, QUESTIONS.groups, QUESTIONS.correlation]) {
        const { noiseMarginBits } = await prepared().answer(question)!;
        expect(noiseMarginBits).toBeGreaterThan(0);
      }
    });
    test('the keys that products take are counted', () => {
      expect(prepared().bytes('sum').keys).toBe(0);
      expect(prepared().bytes('correlation').keys).toBeGreaterThan(1e5);
    });
  });
}

describeScheme(
  { scheme: sealCkks, answers: [...SUMS, 'correlation'], error: 1e-5, remote: true },
  sealed,
);
