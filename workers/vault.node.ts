import { workerData } from 'node:worker_threads';
import type { SealTask } from '../src/client/seal/pool.ts';
import type { SealReply } from '../src/client/seal/pool.node.ts';
import { sealSegment } from '../src/client/seal/segment.ts';
import { toWire } from '../src/errors/wire.ts';
import { openSecretEngine } from '../src/keys/secret.ts';
import { sumParameters } from '../src/params/presets.ts';

const engine = openSecretEngine(sumParameters(48), workerData.ring);

/** Seal one segment. Holds the ring secret: started by client/ alone. */
// oxlint-disable-next-line import/no-default-export -- piscina calls the default export
export default async function seal(task: SealTask): Promise<SealReply> {
  try {
    return { ok: sealSegment(task.schema, task.table, task.batch, await engine, task.holes) };
  } catch (error) {
    return { error: toWire(error) };
  }
}
