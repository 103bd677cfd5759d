import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { OpalineError } from '../../../errors/opaline-error.ts';
import { SeededRandom } from '../../attacks/seeded-random.ts';
import { FULL, QUICK } from '../effort.ts';
import { reasonOf } from '../prepared.ts';
import type { Ablation, LeftOut, Measurement } from '../result.ts';
import type { SuiteContext } from '../suite.ts';
import type { AblationRun } from './ablation.ts';
import { evaluationAblations } from './evaluation.ts';
import { kernelAblations } from './kernels.ts';
import { pairedAblations } from './pairs.ts';
import { SCHEME_PAIRS } from './scheme-pairs.ts';

const RUNS: readonly (readonly [name: string, run: AblationRun])[] = [
  ['kernels', kernelAblations],
  ['evaluation', evaluationAblations],
];

/** What Opaline's schemes owe to each optimisation and measure for privacy; where none of them ran, nothing. */
export async function ablationsOf(
  measurements: readonly Measurement[],
  context: SuiteContext,
): Promise<{ readonly ablations: readonly Ablation[]; readonly leftOut: readonly LeftOut[] }> {
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
  }
  return { ablations, leftOut };
}
