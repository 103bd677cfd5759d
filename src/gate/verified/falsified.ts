import { isOpalineError, OpalineError } from '../../errors/opaline-error.ts';

/** Ends a release whose answer does not verify. It says no more than that: a store must not learn what it got wrong. */
export function falsified(): never {
  throw new OpalineError('ANSWER_FALSIFIED', {});
}

/**
 * Whether an error says that the store answered with what is not so. What a store may refuse for other reasons, and what
 * the vault refuses whatever the store says, does not.
 */
export function isFalsified(error: unknown): boolean {
  return (
    isOpalineError(error, 'ANSWER_FALSIFIED') ||
    isOpalineError(error, 'PART_CORRUPT') ||
    isOpalineError(error, 'BYTES_INVALID') ||
    isOpalineError(error, 'MANIFEST_INVALID')
  );
}

/** Whether releases are open. Kept by the owner, for all processes of a vault. */
export interface ReleaseStanding {
  /** @throws RELEASES_FROZEN */
  requireOpen(): Promise<void>;
  /** An answer did not verify: nothing is released until the owner lifts the freeze. */
  freeze(): Promise<void>;
}
