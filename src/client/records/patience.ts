import pRetry from 'p-retry';
import { isOpalineError } from '../../errors/opaline-error.ts';
import { checkAbort } from '../ingest/reading.ts';
import type { WriteOptions } from './api.ts';

const PATIENCE_MS = 10_000;
const FIRST_WAIT_MS = 10;
const LONGEST_WAIT_MS = 250;

/**
 * A write; again while another process writes to the vault, and where one was faster to publish. What it
 * throws when the patience is at an end is retryable still.
 */
export async function patiently<T>(
  run: () => Promise<T>,
  { patience = PATIENCE_MS, signal }: Pick<WriteOptions, 'patience' | 'signal'>,
): Promise<T> {
  checkAbort(signal);
  try {
    return await pRetry(run, {
      retries: patience > 0 ? Number.POSITIVE_INFINITY : 0,
      minTimeout: FIRST_WAIT_MS,
      maxTimeout: LONGEST_WAIT_MS,
      maxRetryTime: patience,
      randomize: true,
      shouldRetry: ({ error }) =>
        isOpalineError(error, 'VAULT_LOCKED') || isOpalineError(error, 'EPOCH_CONFLICT'),
      ...(signal && { signal }),
    });
  } catch (error) {
    checkAbort(signal);
    throw error;
  }
}
