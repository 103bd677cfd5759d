import { z } from 'zod';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { WireError } from '../../errors/wire.ts';

/**
 * What travels through the queue: ids of scratch blobs, never a ciphertext, a token or a row.
 *
 * A leaf evaluates the segments of a fragment (its input); a node adds up the outputs of its children; the root
 * is over when its children are, and says where their outputs are: who asked adds those up, which spares the store
 * from sending them out to a worker and taking their sum back.
 */
export interface ClusterJob {
  readonly version: 1;
  readonly kind: 'leaf' | 'node' | 'root';
  /** Names the query, so that all its jobs can be called off. */
  readonly query: string;
  /** Milliseconds since 1970 after which nobody waits for it. */
  readonly until: number;
  /** The fragment: a leaf's own share; of a node, one that says what is added up. */
  readonly input: string;
  readonly output: string;
}

const id = z.string().regex(/^[0-9a-f]{32}$/);
const job: z.ZodType<ClusterJob> = z.strictObject({
  version: z.literal(1),
  kind: z.enum(['leaf', 'node', 'root']),
  query: id,
  until: z.number(),
  input: id,
  output: id,
});

/** A job's result: where its output is, of the root where its children's are, or why there is none. */
export type JobResult =
  { readonly ok: string } | { readonly outputs: readonly string[] } | { readonly error: WireError };

/** Children that one node adds up. */
export const FAN_IN = 16;

const result = z.union([
  z.strictObject({ ok: id }),
  z.strictObject({ outputs: z.array(id).min(1).max(FAN_IN) }),
  z.strictObject({
    error: z.strictObject({
      opaline: z.literal(1),
      code: z.string(),
      details: z.record(z.string(), z.unknown()),
    }),
  }),
]);

/** @throws BYTES_INVALID: the queue is on another machine */
export function parseJob(data: unknown): ClusterJob {
  return parse(job, data, 'a job');
}

/** @throws BYTES_INVALID */
export function parseResult(data: unknown): JobResult {
  return parse(result, data, 'the result of a job') as JobResult;
}

function parse<T>(schema: z.ZodType<T>, data: unknown, what: string): T {
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  throw new OpalineError('BYTES_INVALID', { what, reason: 'it is not of the form agreed on' });
}
