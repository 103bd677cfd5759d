import { type Ablations, ablationsOf } from '../ablations/ablations.ts';
import { FULL, QUICK, sizesWithin } from '../effort.ts';
import { questionsOf } from '../questions.ts';
import type { Suite, SuiteRun } from '../suite.ts';
import { measureWorkloads } from '../workloads.ts';

/** Share of the suite's time for the ablations: for the bar alone. */
const ABLATIONS = 0.15;

/** Every workload by every scheme that answers it, over growing tables; then what each measure costs and gains. */
export const tradeoff: Suite = {
  name: 'tradeoff',
  title: 'Efficiency against privacy: every workload by every scheme',
  run: async (context) => {
    const base = context.quick ? QUICK : FULL;
    const sizes = sizesWithin(base.sizes, context.data.mostRows, context.rows);
    const first = { ...context, onProgress: scaled(context.onProgress, 0, 1 - ABLATIONS) };
    const found = await measureWorkloads(first, { ...base, sizes }, (table) =>
      questionsOf(table).map((question) => ({ label: question.workload, question })),
    );
    const then = { ...context, onProgress: scaled(context.onProgress, 1 - ABLATIONS, 1) };
    const both = ({ ablations, leftOut }: Ablations): SuiteRun => {
      return { ...found, ablations, leftOut: [...found.leftOut, ...leftOut] };
    };
    return both(
      await ablationsOf(found.measurements, then, async (soFar) => {
        await context.onFound?.(both(soFar));
      }),
    );
  },
};

function scaled(
  onProgress: (share: number, what: string) => void,
  from: number,
  to: number,
): (share: number, what: string) => void {
  return (share, what) => onProgress(from + share * (to - from), what);
}
