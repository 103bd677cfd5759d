import { expose, transfer } from 'comlink';
import { OpalineError } from '../src/errors/opaline-error.ts';
import { toWire } from '../src/errors/wire.ts';
import { joinArena } from '../src/run/arena/port.web.ts';
import { Evaluator } from '../src/run/evaluate/evaluator.ts';
import { perform } from '../src/run/perform.ts';
import type { EvaluationWorker } from '../src/run/pool.web.ts';
import { holdWhileAlive } from '../src/run/worker-pool.web.ts';
import { IndexedDbBackend } from '../src/store/backends/indexeddb.ts';

let evaluator: Evaluator | undefined;

/** Evaluates tasks, one at a time. Holds no secret: see the trust boundary in ARCHITECTURE.md. */
const worker: EvaluationWorker = {
  live: (lock) => holdWhileAlive(lock),
  start: async (store, arena) => {
    evaluator = new Evaluator(new IndexedDbBackend(store), await joinArena(arena));
  },
  run: async (task) => {
    try {
      if (evaluator === undefined) throw new OpalineError('INTERNAL', { reason: 'not started' });
      const ok = new Uint8Array(await perform(evaluator, task));
      return transfer({ ok }, [ok.buffer]);
    } catch (error) {
      return { error: toWire(error) };
    }
  },
};

expose(worker);
