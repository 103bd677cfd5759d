import {
  OpalineError,
  isOpalineError,
  type ErrorCode,
  type ErrorDetails,
} from '../../errors/index.ts';

let live = 0;

/** SEAL objects now held and not yet deleted, apart from the cached contexts. For tests. */
export function liveHandles(): number {
  return live;
}

/** An object in SEAL's memory with its one owner: nothing there is freed by the garbage collector. */
export interface Owned<T> extends Disposable {
  readonly it: T;
}

/** Take ownership of a SEAL object. Disposing twice is harmless. */
export function own<T extends { delete(): void }>(handle: T): Owned<T> {
  let held = true;
  live += 1;
  return {
    it: handle,
    [Symbol.dispose]: () => {
      if (!held) return;
      held = false;
      live -= 1;
      handle.delete();
    },
  };
}

/**
 * Run a call into SEAL; whatever it throws becomes the given error. The library's own text stays
 * behind: it may describe secret material.
 */
export function guard<C extends ErrorCode, T>(code: C, details: ErrorDetails[C], call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (isOpalineError(error)) throw error;
    throw new OpalineError(code, details);
  }
}
