/** A file that only grows, wherever it is kept. */
export interface LedgerFile {
  /** For messages. */
  readonly name: string;
  /** Excludes every other process; waits for one that is at work. @throws VAULT_LOCKED when it does not end */
  lock(): Promise<AsyncDisposable>;
  /** The bytes from a place on; none of a file that does not exist. @throws STORE_IO */
  read(from: number): Promise<Uint8Array>;
  /** Add bytes at the end; they are on the disk when it resolves. @throws STORE_IO, STORE_FULL */
  append(bytes: Uint8Array): Promise<void>;
  /** Cut the file; durable. @throws STORE_IO */
  truncate(size: number): Promise<void>;
}
