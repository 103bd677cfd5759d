import { wordBytes } from '../bytes/codec.ts';
import { discard } from '../bytes/discard.ts';
import { decodeFragment, encodeMembersReply } from '../plan/fragment-codec.ts';
import { encodeScoresReply } from '../plan/fragment-scores.ts';
import type { Evaluator } from './evaluate/evaluator.ts';
import { encodePartial } from './evaluate/partial-codec.ts';
import type { EvaluationTask } from './pool.ts';

/** One task on one evaluator: the body of every worker, and of the pool without threads. */
export async function perform(evaluator: Evaluator, task: EvaluationTask): Promise<Uint8Array> {
  switch (task.kind) {
    case 'expand':
      return await evaluator.expand(task.wire, task.part);
    case 'aggregate': {
      const { fragment, position } = task;
      const groups = await evaluator.aggregate(decodeFragment(fragment), position);
      const bytes = encodePartial(groups);
      for (const { sums } of groups) for (const { sample } of sums) discard(sample.a);
      return bytes;
    }
    case 'rows':
      return wordBytes(await evaluator.rows(decodeFragment(task.fragment), task.position));
    case 'members': {
      const { fragment, position } = task;
      const members = await evaluator.members(decodeFragment(fragment), position);
      return encodeMembersReply({ segments: [members] });
    }
    case 'scores': {
      const { fragment, position } = task;
      const scored = await evaluator.scores(decodeFragment(fragment), position);
      return encodeScoresReply({ segments: [scored] });
    }
    default:
      return task satisfies never;
  }
}
