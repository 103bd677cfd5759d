import { workerData } from 'node:worker_threads';
import { move, transferableSymbol, valueSymbol } from 'piscina';
import type { RingSecrets, SealReply, SealTask } from '../src/client/seal/pool.ts';
import { enginesFor, type EngineSource } from '../src/client/seal/engines.ts';
import { sealSegment } from '../src/client/seal/segment.ts';
import { toWire } from '../src/errors/wire.ts';
import { openDividedCheckEngine, openDividedEngine } from '../src/keys/threshold/public-key.ts';
import {
  openCheckEngine,
  openProductEngine,
  openRealEngine,
  openSecretEngine,
} from '../src/keys/secret.ts';
import { sumParameters } from '../src/params/presets.ts';

const secrets = workerData as RingSecrets;
const sum = openSecretEngine(sumParameters(48), secrets.sum);
let product: ReturnType<typeof openProductEngine> | undefined;
let real: ReturnType<typeof openRealEngine> | undefined;
let divided: ReturnType<typeof openDividedEngine> | undefined;
let check: ReturnType<typeof openCheckEngine> | undefined;
let dividedCheck: ReturnType<typeof openDividedCheckEngine> | undefined;
const source: EngineSource = {
  sum: () => sum,
  product: () => (product ??= openProductEngine(secrets.product)),
  real: () => (real ??= openRealEngine(secrets.real)),
  divided: () => (divided ??= openDividedEngine(secrets.divided)),
  check: () => (check ??= openCheckEngine(secrets.sum)),
  dividedCheck: () => (dividedCheck ??= openDividedCheckEngine(secrets.divided)),
  checkSecret: () => secrets.check,
};

/** Seal one segment. Holds the ring secrets: started by client/ alone. */
// oxlint-disable-next-line import/no-default-export -- piscina calls the default export
export default async function seal(task: SealTask): Promise<unknown> {
  try {
    const { schema, table, batch, epoch, holes, kept } = task;
    const engines = await enginesFor(schema, source);
    const ok = await sealSegment({ schema, table, epoch }, batch, engines, holes, kept);
    const reply: SealReply = { ok };
    // Handed over rather than copied: a segment's parts are tens of megabytes.
    const buffers = ok.parts.map(({ bytes }) => bytes.buffer);
    return move({ [transferableSymbol]: buffers, [valueSymbol]: reply });
  } catch (error) {
    return { error: toWire(error) } satisfies SealReply;
  }
}
