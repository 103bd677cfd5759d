import { isOpalineError, OpalineError } from '../../errors/opaline-error.ts';
import type { AggregateWork, Fragment, RowsReply } from '../../plan/fragment.ts';
import {
  decodeFragment,
  decodeMembersReply,
  decodeRowsReply,
  encodeFragment,
  encodeMembersReply,
  encodeRowsReply,
} from '../../plan/fragment-codec.ts';
import { wordsOf } from '../../bytes/codec.ts';
import type { AnyParameters } from '../../params/parameters.ts';
import { productParameters, sumParameters } from '../../params/presets.ts';
import type { PartialGroup } from '../evaluate/aggregate.ts';
import { PartialSum, sampleShape, type SampleShapes } from '../evaluate/combine.ts';
import { decodePartial, encodePartial } from '../evaluate/partial-codec.ts';
import type { EvaluationPool } from '../pool.ts';

const shapeOf = ({ n, dataPrimes }: AnyParameters): SampleShapes['sum'] => ({
  n,
  moduli: dataPrimes,
});
const SHAPES: SampleShapes = {
  sum: shapeOf(sumParameters(48)),
  product: shapeOf(productParameters()),
  // Of the same ring (params/presets.ts).
  divided: shapeOf(productParameters()),
};

/** The outputs of jobs: a partial result of sums (partial-codec.ts), or a rows or members reply. */

/** Evaluate the segments of a fragment on this worker's pool. */
export async function evaluateLeaf(
  pool: EvaluationPool,
  fragment: Uint8Array,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const whole = decodeFragment(fragment);
  const kind = whole.work.kind;
  const outputs = await Promise.all(
    whole.segments.map((segment) => {
      const share = encodeFragment({ ...whole, segments: [segment] });
      return pool.run({ kind, fragment: share, position: 0 }, signal);
    }),
  );
  if (kind === 'aggregate') {
    return outputs.length === 1 ? outputs[0]! : await addUp(whole.work, inTurn(outputs), signal);
  }
  if (kind === 'members') return joinMembers(outputs);
  const segments = whole.segments.map(({ segment }, i) => ({
    segment,
    rows: wordsOf(outputs[i]!),
  }));
  return encodeRowsReply({ segments });
}

/** Put together the outputs of a node's children. Of sums two are in memory at once. */
export async function combineOutputs(
  { work }: Fragment,
  outputs: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<Uint8Array> {
  if (work.kind === 'aggregate') return await addUp(work, outputs, signal);
  const all: Uint8Array[] = [];
  for await (const output of outputs) all.push(output);
  if (work.kind === 'members') return joinMembers(all);
  const replies: RowsReply[] = all.map((output) => decodeRowsReply(output));
  return encodeRowsReply({ segments: replies.flatMap(({ segments }) => segments) });
}

/**
 * The outputs of a query's last jobs as groups, one after the other.
 * @throws BYTES_INVALID where one does not fit the query
 */
export async function* partialsOf(
  work: AggregateWork,
  outputs: AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): AsyncGenerator<PartialGroup[]> {
  for await (const output of outputs) {
    // A partial result of many groups takes a while: signs of life go out in between.
    await new Promise((resolve) => setImmediate(resolve));
    if (signal?.aborted) throw new OpalineError('ABORTED', {});
    const groups = decodePartial(output);
    checkShapes(groups, work);
    yield groups;
  }
}

/** Blobs by their ids, each read while the one before is worked on. */
export async function* readAhead(
  ids: readonly string[],
  read: (id: string) => Promise<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const begin = (id: string | undefined): Promise<Uint8Array> | undefined => {
    const reading = id === undefined ? undefined : read(id);
    // Where it fails before its turn, it fails in its turn.
    reading?.catch(() => undefined);
    return reading;
  };
  let next = begin(ids[0]);
  for (let i = 0; next !== undefined; i++) {
    const output = await next;
    next = begin(ids[i + 1]);
    yield output;
  }
}

function joinMembers(outputs: readonly Uint8Array[]): Uint8Array {
  const replies = outputs.map((output) => decodeMembersReply(output));
  return encodeMembersReply({ segments: replies.flatMap(({ segments }) => segments) });
}

async function addUp(
  work: AggregateWork,
  outputs: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const sum = new PartialSum(SHAPES, work);
  for await (const groups of partialsOf(work, outputs, signal)) sum.add(groups);
  return encodePartial(sum.groups());
}

// oxlint-disable-next-line require-await -- what is there already, as what is read
async function* inTurn<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

/** Partial results come from other machines: their sums must be of the work's outputs and the ring's size. */
function checkShapes(groups: readonly PartialGroup[], work: AggregateWork): void {
  const fits = groups.every(({ sums }) =>
    sums.every(({ output, sample }) => {
      const shape = sampleShape(SHAPES, work, output);
      return sample.b.length === shape?.b && sample.a.length === shape.a;
    }),
  );
  if (fits) return;
  throw new OpalineError('BYTES_INVALID', {
    what: 'a partial result',
    reason: 'it does not fit the query it is of',
  });
}

/** Worth another try on another worker: the machine failed, not the query. */
export function isMachineFailure(error: unknown): boolean {
  return !isOpalineError(error) || error.code === 'WORKER_FAILED' || error.code === 'INTERNAL';
}
