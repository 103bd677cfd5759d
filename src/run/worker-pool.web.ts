import { releaseProxy, type Remote, wrap } from 'comlink';
import { randomId } from '../bytes/random.ts';
import { OpalineError } from '../errors/opaline-error.ts';

/** What every worker of a pool offers, so that its end is noticed. */
export interface Mortal {
  /** Hold the lock of that name (`holdWhileAlive`) from now on. */
  live(lock: string): Promise<void>;
}

export interface WorkerPoolOptions<W extends Mortal> {
  readonly threads: number;
  /** Start a worker: bundlers want its URL beside `new Worker`. */
  readonly start: () => Worker;
  /** Make a new worker ready. What it returns is called once the worker has ended. */
  readonly prepare: (worker: Remote<W>) => Promise<() => void>;
}

interface Member<W> {
  readonly worker: Worker;
  readonly remote: Remote<W>;
  readonly lock: string;
  /** Rejects when the worker fails outside of a task's own code: it cannot be loaded, say. */
  readonly failure: Promise<never>;
  readonly cleanUp: () => void;
}

/**
 * Workers of a page that take one task each at a time, started when tasks come and kept. A task that is aborted
 * takes its worker with it: a kernel in the middle of its work cannot be asked to stop.
 *
 * A terminated worker may still run for a moment, and nothing tells when it has ended; but its Web Locks are
 * released when it has (Web Locks API, section 2.4), so each holds one.
 */
export class WorkerPool<W extends Mortal> implements AsyncDisposable {
  private readonly options: WorkerPoolOptions<W>;
  private readonly idle: Member<W>[] = [];
  private readonly all = new Set<Member<W>>();
  private readonly queue: (() => void)[] = [];
  /** Places taken by tasks. */
  private busy = 0;

  constructor(options: WorkerPoolOptions<W>) {
    this.options = options;
  }

  /**
   * Run a task on a worker that is free, or the next that will be.
   * @throws ABORTED, WORKER_FAILED, and what `task` throws
   */
  async run<T>(task: (worker: Remote<W>) => Promise<T>, signal?: AbortSignal): Promise<T> {
    await this.place();
    let member: Member<W> | undefined;
    try {
      if (signal?.aborted) throw new OpalineError('ABORTED', {});
      member = this.idle.pop() ?? (await this.startMember());
      const result = await unlessAborted([task(member.remote), member.failure], signal);
      this.idle.push(member);
      return result;
    } catch (error) {
      if (member !== undefined) await this.end(member);
      if (signal?.aborted) throw new OpalineError('ABORTED', {});
      if (error instanceof OpalineError) throw error;
      const reason = error instanceof Error ? error.constructor.name : 'unknown';
      throw new OpalineError('WORKER_FAILED', { reason }, { cause: error });
    } finally {
      this.busy--;
      this.queue.shift()?.();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.all].map((member) => this.end(member)));
  }

  /** Wait for one of `threads` places, in order of arrival. */
  private async place(): Promise<void> {
    while (this.busy >= this.options.threads) {
      await new Promise<void>((resolve) => void this.queue.push(resolve));
    }
    this.busy++;
  }

  private async startMember(): Promise<Member<W>> {
    const worker = this.options.start();
    const failed = Promise.withResolvers<never>();
    // Unheard while no task runs; the next that is given to the worker hears of it.
    failed.promise.catch(() => undefined);
    worker.addEventListener('error', (event) => {
      // The message may quote data.
      event.preventDefault();
      failed.reject(new OpalineError('WORKER_FAILED', { reason: 'it cannot run' }));
    });
    const remote = wrap<W>(worker);
    const lock = `opaline/worker/${randomId()}`;
    try {
      await Promise.race([remote.live(lock), failed.promise]);
      const prepared = this.options.prepare(remote);
      const cleanUp = await Promise.race([prepared, failed.promise]);
      const member: Member<W> = { worker, remote, lock, failure: failed.promise, cleanUp };
      this.all.add(member);
      return member;
    } catch (error) {
      worker.terminate();
      throw error;
    }
  }

  private async end(member: Member<W>): Promise<void> {
    if (!this.all.delete(member)) return;
    const at = this.idle.indexOf(member);
    if (at >= 0) this.idle.splice(at, 1);
    member.remote[releaseProxy]();
    member.worker.terminate();
    await navigator.locks.request(member.lock, () => undefined);
    member.cleanUp();
  }
}

/** In a worker: hold a lock until the worker ends. Resolves when it is held. */
export function holdWhileAlive(lock: string): Promise<void> {
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(lock, () => {
        resolve();
        return new Promise<never>(() => undefined);
      })
      .catch(reject);
  });
}

/** The first of `running` to settle, or ABORTED when the signal fires before. */
async function unlessAborted<T>(
  running: readonly Promise<T>[],
  signal: AbortSignal | undefined,
): Promise<T> {
  if (signal === undefined) return await Promise.race(running);
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(new OpalineError('ABORTED', {}));
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([...running, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
