import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isOpalineError, OpalineError } from '../../errors/opaline-error.ts';
import { lockFile } from '../../store/backends/file-lock.ts';

/** Another writer appends in milliseconds, and shreds in seconds. */
const PATIENCE_MS = 10_000;
const PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 100;

/**
 * Excludes other writers from a log's folder; waits for one that is at work.
 * @throws LOG_LOCKED when it does not end
 */
export async function lockLog(folder: string): Promise<AsyncDisposable> {
  const until = Date.now() + PATIENCE_MS;
  for (let pause = PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    try {
      return await lockFile(join(folder, 'writer.lock'), {
        operation: 'locking the audit log',
        held: (process) => new OpalineError('LOG_LOCKED', { path: folder, process }),
      });
    } catch (error) {
      if (!isOpalineError(error, 'LOG_LOCKED') || Date.now() > until) throw error;
      await delay(pause);
    }
  }
}
