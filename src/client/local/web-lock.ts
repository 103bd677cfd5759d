/**
 * Hold a lock of the browser's (Web Locks API), which excludes every page and worker of the origin and is
 * released at the latest when this one ends.
 * @returns undefined when another holds it
 */
export async function takeLock(name: string): Promise<AsyncDisposable | undefined> {
  const granted = Promise.withResolvers<boolean>();
  const released = Promise.withResolvers<void>();
  const ended = navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
    granted.resolve(lock !== null);
    if (lock !== null) await released.promise;
  });
  ended.catch(granted.reject);
  if (!(await granted.promise)) return undefined;
  return {
    [Symbol.asyncDispose]: async () => {
      released.resolve();
      await ended;
    },
  };
}

export async function isTaken(name: string): Promise<boolean> {
  const { held = [] } = await navigator.locks.query();
  return held.some((lock) => lock.name === name);
}
