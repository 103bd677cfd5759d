/** Gives whoever drives the page the browser's entry point, and counts what held up the page's own thread. */
import { createVault, deleteVault, openVault } from '../../../src/client/browser.ts';

/** Milliseconds of each task of more than 50 (Long Tasks API). */
const longTasks: number[] = [];
new PerformanceObserver((list) => {
  longTasks.push(...list.getEntries().map(({ duration }) => duration));
}).observe({ type: 'longtask', buffered: true });

/** For functions that are run in the page. */
export interface Driven {
  readonly createVault: typeof createVault;
  readonly deleteVault: typeof deleteVault;
  readonly openVault: typeof openVault;
  readonly longTasks: readonly number[];
  /** What the page's input was given. */
  file(): File;
}

const driven: Driven = {
  createVault,
  deleteVault,
  openVault,
  longTasks,
  file: (): File => {
    const file = document.querySelector<HTMLInputElement>('#file')?.files?.[0];
    if (file === undefined) throw new Error('the page was given no file');
    return file;
  },
};
Object.assign(globalThis, { driven });
