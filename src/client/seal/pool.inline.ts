import type { SecretEngine } from '../../engine/engine.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { SealPool } from './pool.ts';
import { sealSegment } from './segment.ts';

/** Sealing in this thread, for small tables. */
export function inlineSealPool(engine: () => Promise<SecretEngine>): SealPool {
  return {
    width: 1,
    seal: async ({ schema, table, batch, holes }, signal) => {
      const secret = await engine();
      if (signal?.aborted) throw new OpalineError('ABORTED', {});
      return sealSegment(schema, table, batch, secret, holes);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
