import { utf8 } from '../../bytes/codec.ts';
import { sha256 } from '../../bytes/hash.ts';
import { toHex } from '../../bytes/hex.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { ResultTable } from '../../plan/result.ts';
import type { Answered, Settled, Step } from './cases.ts';

/**
 * Step 9, outcome logged: digests of what was computed and of what is released, with the intent that they answer. The entry's proof goes
 * with the answer.
 * @throws what logging throws: what is not on the record does not leave
 */
export const recorded: Step<Settled, Answered> = async (settled, { governance, tables }) => {
  const { intent, result, use, checked, release } = settled;
  const cells = result.rows.length * result.columns.length;
  await use.settle(cells);
  const content = {
    intent: intent.proof.index,
    released: true,
    cells,
    checked,
    computed: toHex(tables.digest(release)),
    digest: toHex(resultDigest(result)),
  };
  const [outcome] = await governance.log([
    {
      kind: 'release.outcome',
      time: governance.now(),
      details: [{ content: utf8(JSON.stringify(content)) }],
    },
  ]);
  if (outcome === undefined) throw new OpalineError('DENIED', { reason: 'nothing was logged' });
  return { ...settled, outcome };
};

/** SHA-256 of a result's columns and rows: whoever has an answer can show that it is the one of the log. */
export function resultDigest({ columns, rows }: ResultTable): Uint8Array {
  return sha256(utf8(`opaline result v1\n${JSON.stringify([columns, rows])}\n`));
}
