import { OpalineError } from '../../errors/opaline-error.ts';

/** A database with these object stores, keys given by the caller; made where there is none. @throws STORE_IO */
export async function openDatabase(name: string, stores: readonly string[]): Promise<IDBDatabase> {
  const request = indexedDB.open(name, 1);
  request.addEventListener('upgradeneeded', () => {
    for (const store of stores) request.result.createObjectStore(store);
  });
  const database = await resultOf(request).catch((error: unknown) => {
    throw asStoreError(error, 'opening a database');
  });
  // Whoever deletes the database need not wait for this page to be closed.
  database.addEventListener('versionchange', () => database.close());
  return database;
}

/** Delete a database; there need not be one. @throws STORE_IO */
export async function deleteDatabase(name: string): Promise<void> {
  await resultOf(indexedDB.deleteDatabase(name)).catch((error: unknown) => {
    throw asStoreError(error, 'deleting a database');
  });
}

/** What a request gives. Within a transaction nothing else may be waited for: it ends when nothing is asked of it. */
export function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error ?? new Error('no reason')));
  });
}

/** Read in one transaction. @throws STORE_IO, and what `run` throws of ours */
export async function reading<T>(
  database: IDBDatabase,
  store: string,
  operation: string,
  run: (store: IDBObjectStore) => Promise<T>,
): Promise<T> {
  try {
    return await run(database.transaction(store, 'readonly').objectStore(store));
  } catch (error) {
    throw asStoreError(error, operation);
  }
}

/**
 * Change an object store in one transaction, of which all or nothing happens, and which is flushed to the disk
 * when this resolves (Indexed Database API 3.0, section 2.7, durability "strict"). No other transaction on the
 * store, of any page or worker, runs between its reads and its writes.
 * @throws STORE_FULL, STORE_IO, and what `run` throws of ours, after which nothing has changed
 */
export async function changing(
  database: IDBDatabase,
  store: string,
  operation: string,
  run: (store: IDBObjectStore) => Promise<void> | void,
): Promise<void> {
  try {
    const transaction = database.transaction(store, 'readwrite', { durability: 'strict' });
    const ended = endOf(transaction);
    try {
      await run(transaction.objectStore(store));
    } catch (error) {
      transaction.abort();
      await ended.catch(() => undefined);
      throw error;
    }
    await ended;
  } catch (error) {
    throw asStoreError(error, operation);
  }
}

function endOf(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.addEventListener('complete', () => resolve());
    transaction.addEventListener('abort', () =>
      reject(transaction.error ?? new DOMException('aborted', 'AbortError')),
    );
  });
}

/** A browser's error as one of ours, by its name alone: a message may quote what was stored. */
function asStoreError(error: unknown, operation: string): OpalineError {
  if (error instanceof OpalineError) return error;
  const reason = error instanceof DOMException ? error.name : 'unknown';
  return reason === 'QuotaExceededError'
    ? new OpalineError('STORE_FULL', { store: 'of this browser' })
    : new OpalineError('STORE_IO', { operation, reason });
}
