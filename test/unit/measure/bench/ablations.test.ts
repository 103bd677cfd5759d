import { tmpdir } from 'node:os';
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../../src/measure/attacks/seeded-random.ts';
import type { AblationTools } from '../../../../src/measure/bench/ablations/ablation.ts';
import { complementAblation } from '../../../../src/measure/bench/ablations/complement.ts';
import { floodingAblation } from '../../../../src/measure/bench/ablations/flooding.ts';
import { plainModulusAblation } from '../../../../src/measure/bench/ablations/plain-modulus.ts';
import { SYSTEM_CLOCK } from '../../../../src/measure/bench/clock.ts';
import { flightsData } from '../../../../src/measure/bench/data.ts';

const tools: AblationTools = {
  data: await flightsData(),
  rows: 9000,
  limits: { warmUp: 0, rounds: 2, leastRounds: 1, budgetMs: 1 },
  clock: SYSTEM_CLOCK,
  random: new SeededRandom(4),
  folder: tmpdir(),
  signal: new AbortController().signal,
};

describe('ablations', () => {
  test('flooding keeps the key from the attack that bare releases give it to, and costs digits', async () => {
    const [flooding] = await floodingAblation(tools);
    expect(flooding).toMatchObject({ kind: 'privacy', without: { advantage: 1 } });
    // A residue in 2^27 is right by chance, of 57,344.
    expect(flooding!.with.advantage).toBeLessThan(1e-4);
    expect(flooding!.without.error).toBeLessThan(1e-6);
    expect(flooding!.with.error).toBeGreaterThan(1e3 * flooding!.without.error!);
  });

  test('the total less the rest gives the residues of a mask of the rows: both ways were taken', async () => {
    // It compares them itself, and throws.
    const [complement] = await complementAblation(tools);
    expect(complement).toMatchObject({ workload: 'sum', kind: 'speed' });
    expect(complement!.what).toMatch(/9000 rows without \d{2,3}$/);
    expect(complement!.with.ms.length).toBeGreaterThan(0);
    expect(complement!.without.ms.length).toBeGreaterThan(0);
  });

  test('squares take one column modulo 2^48 and two modulo 2^32, whose reply has fewer limbs', async () => {
    const [sum, squares] = await plainModulusAblation(tools);
    expect(sum!.what).toMatch(/one ciphertext column.*one ciphertext column/);
    expect(squares!.what).toMatch(/\(one ciphertext column\), not 2\^32 \(2 ciphertext columns\)/);
    expect(squares!.without.bytesAtRest).toBe(2 * squares!.with.bytesAtRest!);
    expect(sum!.without.bytesDown).toBeLessThan(sum!.with.bytesDown!);
  });
});
