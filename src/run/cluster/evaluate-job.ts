import { isOpalineError } from '../../errors/opaline-error.ts';
import type { Fragment, RowsReply } from '../../plan/fragment.ts';
import {
  decodeFragment,
  decodeRowsReply,
  encodeFragment,
  encodeRowsReply,
} from '../../plan/fragment-codec.ts';
import { wordsOf } from '../../bytes/codec.ts';
import { sumParameters } from '../../params/presets.ts';
import { PartialSum } from '../evaluate/combine.ts';
import { decodePartial, encodePartial } from '../evaluate/partial-codec.ts';
import type { EvaluationPool } from '../pool.ts';

/** The outputs of jobs: a partial result of sums (partial-codec.ts), or a rows reply. */

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
  if (kind === 'aggregate') return addUp(whole, outputs);
  const segments = whole.segments.map(({ segment }, i) => ({
    segment,
    rows: wordsOf(outputs[i]!),
  }));
  return encodeRowsReply({ segments });
}

/** Put together the outputs of a node's children. */
export function combineOutputs(fragment: Fragment, outputs: readonly Uint8Array[]): Uint8Array {
  if (fragment.work.kind === 'aggregate') return addUp(fragment, outputs);
  const replies: RowsReply[] = outputs.map((output) => decodeRowsReply(output));
  return encodeRowsReply({ segments: replies.flatMap(({ segments }) => segments) });
}

function addUp({ work }: Fragment, outputs: readonly Uint8Array[]): Uint8Array {
  if (work.kind !== 'aggregate') return new Uint8Array(0);
  const sum = new PartialSum(work, sumParameters(48).dataPrimes);
  for (const output of outputs) sum.add(decodePartial(output));
  return encodePartial(sum.groups());
}

/** Worth another try on another worker: the machine failed, not the query. */
export function isMachineFailure(error: unknown): boolean {
  return !isOpalineError(error) || error.code === 'WORKER_FAILED' || error.code === 'INTERNAL';
}
