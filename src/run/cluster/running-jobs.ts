import { OpalineError } from '../../errors/opaline-error.ts';
import type { ClusterJob } from './jobs.ts';

/** The jobs a worker is at, by query, so that all of one can be called off. */
export class RunningJobs {
  private readonly controllers = new Map<string, Set<AbortController>>();
  /** Queries whose other jobs may still be taken from the queue. */
  private readonly calledOff = new Set<string>();

  /**
   * Runs a job so that calling its query off, or its deadline, ends it.
   * @throws ABORTED when the query was called off before
   */
  async run<T>(
    { query, until }: ClusterJob,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    if (this.calledOff.has(query)) throw new OpalineError('ABORTED', {});
    const controller = new AbortController();
    const controllers = this.controllers.get(query) ?? new Set();
    this.controllers.set(query, controllers.add(controller));
    const left = Math.min(Math.max(0, until - Date.now()), LONGEST_TIMER_MS);
    const late = setTimeout(() => controller.abort(), left);
    try {
      return await work(controller.signal);
    } finally {
      clearTimeout(late);
      controllers.delete(controller);
      if (controllers.size === 0) this.controllers.delete(query);
    }
  }

  callOff(query: string): void {
    for (const controller of this.controllers.get(query) ?? []) controller.abort();
    this.calledOff.add(query);
    // Of a set, the first is the oldest.
    const [oldest] = this.calledOff;
    if (this.calledOff.size > MOST_CALLED_OFF) this.calledOff.delete(oldest!);
  }
}

const MOST_CALLED_OFF = 1000;
/** Node fires timers beyond this at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
