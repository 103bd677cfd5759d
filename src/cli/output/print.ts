import { OpalineError } from '../../errors/opaline-error.ts';

/**
 * Writes to stdout and waits until the text has left the process.
 * A closed pipe is no error: interrupt.ts ends the run. Throws OUTPUT_FAILED, for example when the
 * disk is full.
 */
export function print(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error?: NodeJS.ErrnoException | null) => {
      if (error === undefined || error === null || error.code === 'EPIPE') resolve();
      else reject(new OpalineError('OUTPUT_FAILED', { reason: error.code ?? error.name }));
    });
  });
}
