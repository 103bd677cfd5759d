import type { ClusterJob } from './jobs.ts';

/** The jobs a worker is at, by query, so that all of one can be called off. */
export class RunningJobs {
  private readonly controllers = new Map<string, Set<AbortController>>();

  /** Runs a job so that calling its query off, or its deadline, ends it. */
  async run<T>(
    { query, until }: ClusterJob,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
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
  }
}

/** Node fires timers beyond this at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
