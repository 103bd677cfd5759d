import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { OpalineError } from '../../../errors/opaline-error.ts';
import { SeededRandom } from '../../attacks/seeded-random.ts';
import { FULL, QUICK } from '../effort.ts';
import { reasonOf } from '../prepared.ts';
import type { Ablation, LeftOut, Measurement } from '../result.ts';
import type { SuiteContext } from '../suite.ts';
import type { AblationRun } from './ablation.ts';
import { complementAblation } from './complement.ts';
import { evaluationAblations } from './evaluation.ts';
import { floodingAblation } from './flooding.ts';
import { kernelAblations } from './kernels.ts';
import { pairedAblations } from './pairs.ts';
import { plainModulusAblation } from './plain-modulus.ts';
import { SCHEME_PAIRS } from './scheme-pairs.ts';

const RUNS: readonly (readonly [name: string, run: AblationRun])[] = [
  ['kernels', kernelAblations],
  ['complement', complementAblation],
  ['plain-modulus', plainModulusAblation],
  ['evaluation', evaluationAblations],
  ['flooding', floodingAblation],
];

export interface Ablations {
  readonly ablations: readonly Ablation[];
  readonly leftOut: readonly LeftOut[];
}

/**
 * What Opaline's schemes owe to each optimisation and measure for privacy; where none of them ran, nothing.
 * @param onFound called with what there is so far
 */
export async function ablationsOf(
  measurements: readonly Measurement[],
  context: SuiteContext,
  onFound: (soFar: Ablations) => Promise<void>,
): Promise<Ablations> {
  const ablations = pairedAblations(measurements, SCHEME_PAIRS);
  const leftOut: LeftOut[] = [];
  if (!context.schemes.some(({ whose }) => whose === 'opaline')) return { ablations, leftOut };
  const { data, quick, rows, clock, signal } = context;
  const { limits } = quick ? QUICK : FULL;
  for (const [i, [name, run]] of RUNS.entries()) {
    context.onProgress(i / RUNS.length, `ablations: ${name}`);
    const folder = await mkdtemp(join(context.folder, `${name}-`));
    try {
      const random = new SeededRandom(i);
      ablations.push(...(await run({ data, rows, limits, clock, random, folder, signal })));
    } catch (error) {
      if (signal.aborted) throw new OpalineError('ABORTED', {});
      leftOut.push({ scheme: `ablations-${name}`, reason: reasonOf(error) });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    await onFound({ ablations, leftOut });
  }
  return { ablations, leftOut };
}
