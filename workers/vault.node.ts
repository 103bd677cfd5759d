import { workerData } from 'node:worker_threads';
import { move, transferableSymbol, valueSymbol } from 'piscina';
import type { SealTask } from '../src/client/seal/pool.ts';
import type { SealReply } from '../src/client/seal/pool.node.ts';
import { sealSegment } from '../src/client/seal/segment.ts';
import { toWire } from '../src/errors/wire.ts';
import { openSecretEngine } from '../src/keys/secret.ts';
import { sumParameters } from '../src/params/presets.ts';

const engine = openSecretEngine(sumParameters(48), workerData.ring);

/** Seal one segment. Holds the ring secret: started by client/ alone. */
// oxlint-disable-next-line import/no-default-export -- piscina calls the default export
export default async function seal(task: SealTask): Promise<unknown> {
  try {
    const ok = sealSegment(task.schema, task.table, task.batch, await engine, task.holes);
    const reply: SealReply = { ok };
    // Handed over rather than copied: a segment's parts are tens of megabytes.
    const buffers = ok.parts.map(({ bytes }) => bytes.buffer);
    return move({ [transferableSymbol]: buffers, [valueSymbol]: reply });
  } catch (error) {
    return { error: toWire(error) } satisfies SealReply;
  }
}
