import { OpalineError } from '../errors/opaline-error.ts';
import type { Evaluator } from './evaluate/evaluator.ts';
import { perform } from './perform.ts';
import type { EvaluationPool } from './pool.ts';
import { turn } from './turn.ts';

/** Evaluation in this thread: small tables, backends other threads cannot reach, browsers' workers. */
export function inlinePool(evaluator: Evaluator): EvaluationPool {
  return {
    width: 1,
    run: async (task, signal) => {
      // A turn of the loop between segments lets an abort and a progress bar through.
      await turn();
      if (signal?.aborted) throw new OpalineError('ABORTED', {});
      return await perform(evaluator, task);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
