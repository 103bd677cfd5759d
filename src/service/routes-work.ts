import { z } from 'zod';
import { isOpalineError, OpalineError } from '../errors/opaline-error.ts';
import type { Scratch } from '../store/backend.ts';
import { LIMITS, OCTETS, PATHS } from '../store/protocol.ts';
import type { App } from './app.ts';
import { bodyBytes, id } from './schemas.ts';

/** Routes of a cluster's workers: intermediate results of queries that run. */
export function addWorkRoutes(app: App, scratch: Scratch): void {
  app.get(
    PATHS.work,
    {
      schema: {
        summary: 'Which store this is, for workers that look for its queue',
        response: { 200: identity },
      },
    },
    async () => ({ identity: await scratch.identity() }),
  );
  app.put(
    PATHS.scratch(':query', ':id'),
    {
      bodyLimit: LIMITS.part,
      schema: { summary: 'Store an intermediate result of a query', params: scratchParams },
    },
    async ({ params, body }, reply) => {
      try {
        await scratch.writeScratch(params.query, params.id, bodyBytes(body));
      } catch (error) {
        if (!isOpalineError(error, 'ABORTED')) throw error;
        throw new OpalineError('PART_MISSING', { part: params.query });
      }
      return reply.code(204).send();
    },
  );
  app.get(
    PATHS.scratch(':query', ':id'),
    { schema: { summary: 'An intermediate result of a query', params: scratchParams } },
    async ({ params }, reply) => {
      const bytes = await scratch.readScratch(params.query, params.id);
      return reply.type(OCTETS).send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    },
  );
}

const scratchParams = z.strictObject({ query: id, id });
const identity = z.object({ identity: z.string() });
