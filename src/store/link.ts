/**
 * The one way to a store, embedded or remote. Everything that crosses it is bytes; nothing in it
 * holds a key, a value or a name of the owner's.
 */
export interface StoreLink extends AsyncDisposable {
  /** For messages: a folder or an address, without credentials. */
  readonly address: string;

  /** The tables that have a published manifest, by opaque id. */
  tables(): Promise<readonly string[]>;
  /** The newest published manifest's bytes, or undefined. */
  head(table: string): Promise<Uint8Array | undefined>;

  /** Store one immutable part. Idempotent: same id and same bytes is no error. The digest is SHA-256 of `bytes`. */
  put(part: PartUpload, options?: CallOptions): Promise<void>;
  /**
   * Replace the manifest if its epoch is `expectedEpoch` (0: none yet), else EPOCH_CONFLICT. Refused
   * with PART_MISSING while a part that it names is not stored.
   */
  publish(
    table: string,
    expectedEpoch: number,
    manifest: Uint8Array,
    options?: CallOptions,
  ): Promise<void>;
  /** Every part kept under the table's id, named by its manifest or not. */
  parts(table: string): Promise<readonly StoredPart[]>;
  /** Remove the parts of the table that its published manifest does not name. */
  remove(table: string, parts: readonly string[], options?: CallOptions): Promise<void>;

  /**
   * Of a segment's sse index what is at labels, sealed blocks and records of lists, `undefined` where there is none; of a
   * further index its replies to queries (search/rung.ts).
   */
  search(
    request: SearchRequest,
    options?: CallOptions,
  ): Promise<readonly (Uint8Array | undefined)[]>;
  /** Run a fragment (plan/fragment-codec.ts), answer its reply, both encoded. */
  aggregate(fragment: Uint8Array, options?: CallOptions): Promise<Uint8Array>;
  /** Sealed records, or a whole part when `rows` is absent, as it is kept or as it was uploaded. */
  fetch(request: FetchRequest, options?: CallOptions): Promise<readonly Uint8Array[]>;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Called with segments done and in all. */
  readonly onProgress?: (done: number, total: number) => void;
}

export type PartKind = 'column' | 'index' | 'records' | 'sealed' | 'deleted';

/** A part as the store keeps it. */
export interface StoredPart {
  readonly id: string;
  /** Bytes at rest; of a ciphertext column more than were uploaded. */
  readonly bytes: number;
}

export interface PartUpload {
  readonly table: string;
  readonly id: string;
  readonly kind: PartKind;
  readonly bytes: Uint8Array;
  readonly digest: Uint8Array;
}

export interface SearchRequest {
  readonly table: string;
  readonly index: string;
  /** Labels, or queries of another rung. */
  readonly labels: readonly Uint8Array[];
}

export interface FetchRequest {
  readonly table: string;
  readonly part: string;
  readonly rows?: Uint32Array;
  /** A whole part in the form that its signed digest is of: ciphertext columns are kept in another. */
  readonly asUploaded?: boolean;
}
