import { constants } from 'node:os';

/** How a run was ended from outside. */
export interface Interrupt {
  /** Aborted by the first SIGINT or SIGTERM, or when nobody reads the output any more. */
  readonly signal: AbortSignal;
  /** 130 after SIGINT, 143 after SIGTERM, 0 after a closed output, else undefined. */
  readonly exitCode: number | undefined;
}

/** A terminal and a wrapper may both deliver one Ctrl-C; only a later one means "at once". */
const REPEAT_MS = 500;

/**
 * The first signal aborts, so that files are closed and locks released; a second one, at least half
 * a second later, ends the process where it stands. `opaline … | head` is no failure: EPIPE aborts
 * quietly with exit code 0.
 */
export function watchInterrupts(): Interrupt {
  const controller = new AbortController();
  let exitCode: number | undefined;
  let since = 0;
  const end = (code: number): void => {
    if (exitCode === undefined) {
      exitCode = code;
      since = performance.now();
      controller.abort();
    } else if (performance.now() - since >= REPEAT_MS) {
      process.exit(code);
    }
  };
  const onSignal = (signal: 'SIGINT' | 'SIGTERM'): void => end(128 + constants.signals[signal]);
  const onOutputError = (error: NodeJS.ErrnoException): void => {
    if (error.code === 'EPIPE') end(0);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  process.stdout.on('error', onOutputError);
  process.stderr.on('error', () => {});
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
  };
}
