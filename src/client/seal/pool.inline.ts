import { OpalineError } from '../../errors/opaline-error.ts';
import { enginesFor, type EngineSource } from './engines.ts';
import type { SealPool } from './pool.ts';
import { sealSegment } from './segment.ts';

/** Sealing in this thread, for small tables. */
export function inlineSealPool(source: EngineSource): SealPool {
  return {
    width: 1,
    seal: async ({ schema, table, batch, epoch, holes, kept }, signal) => {
      const engines = await enginesFor(schema, source);
      if (signal?.aborted) throw new OpalineError('ABORTED', {});
      return await sealSegment({ schema, table, epoch }, batch, engines, holes, kept);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
