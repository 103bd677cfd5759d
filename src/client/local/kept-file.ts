/** One of a vault's own small files, wherever it keeps them: a folder, a browser's database, or memory. */
export interface KeptFile {
  /** For messages: the vault that the file is of. */
  readonly vault: string;
  readonly name: string;
  /** Rejects where there is none. */
  read(): Promise<Uint8Array>;
  /** Replace the content; a crash leaves the old one or the new one. @throws STORE_IO */
  replace(bytes: Uint8Array): Promise<void>;
}
