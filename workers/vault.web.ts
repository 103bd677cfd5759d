import { expose, transfer } from 'comlink';
import type { VaultWorker } from '../src/client/browser/protocol.ts';
import { VaultService } from '../src/client/browser/vault-service.ts';
import { type EngineSource, enginesFor } from '../src/client/seal/engines.ts';
import { sealSegment } from '../src/client/seal/segment.ts';
import { OpalineError } from '../src/errors/opaline-error.ts';
import { toWire } from '../src/errors/wire.ts';
import { openDividedCheckEngine, openDividedEngine } from '../src/keys/threshold/public-key.ts';
import {
  openCheckEngine,
  openProductEngine,
  openRealEngine,
  openSecretEngine,
} from '../src/keys/secret.ts';
import { sumParameters } from '../src/params/presets.ts';
import { holdWhileAlive } from '../src/run/worker-pool.web.ts';

const service = new VaultService();
let source: EngineSource | undefined;

/**
 * The vault of a page, with its keys; started by client/ alone. The same program seals segments for it, on
 * workers of their own that hold the ring secrets.
 */
const worker: VaultWorker = {
  create: (request) => service.create(request),
  open: (request) => service.open(request),
  discard: (name) => service.discard(name),
  ask: (call, request, onProgress) => service.ask(call, request, onProgress),
  abort: (call) => Promise.resolve(service.abort(call)),
  close: () => service.close(),
  live: (lock) => holdWhileAlive(lock),
  hold: (secrets) => {
    const sum = openSecretEngine(sumParameters(48), secrets.sum);
    let product: ReturnType<typeof openProductEngine> | undefined;
    let real: ReturnType<typeof openRealEngine> | undefined;
    let divided: ReturnType<typeof openDividedEngine> | undefined;
    let check: ReturnType<typeof openCheckEngine> | undefined;
    let dividedCheck: ReturnType<typeof openDividedCheckEngine> | undefined;
    source = {
      sum: () => sum,
      product: () => (product ??= openProductEngine(secrets.product)),
      real: () => (real ??= openRealEngine(secrets.real)),
      divided: () => (divided ??= openDividedEngine(secrets.divided)),
      check: () => (check ??= openCheckEngine(secrets.sum)),
      dividedCheck: () => (dividedCheck ??= openDividedCheckEngine(secrets.divided)),
      checkSecret: () => secrets.check,
    };
    return Promise.resolve();
  },
  seal: async ({ schema, table, batch, epoch, holes, kept }) => {
    try {
      if (source === undefined) throw new OpalineError('INTERNAL', { reason: 'no secrets' });
      const engines = await enginesFor(schema, source);
      const ok = await sealSegment({ schema, table, epoch }, batch, engines, holes, kept);
      // Handed over rather than copied: a segment's parts are tens of megabytes.
      const buffers = ok.parts.map(({ bytes }) => bytes.buffer as ArrayBuffer);
      return transfer({ ok }, buffers);
    } catch (error) {
      return { error: toWire(error) };
    }
  },
};

expose(worker);
