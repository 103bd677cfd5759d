import type { WireError } from '../../errors/wire.ts';
import type { VaultSecrets } from '../../keys/secret.ts';
import type { Schema } from '../../table/schema.ts';
import type { Batch } from '../../table/value.ts';
import type { KeptParts, SealedSegment } from './segment.ts';

export interface SealTask {
  readonly schema: Schema;
  /** Opaque table id. */
  readonly table: string;
  readonly batch: Batch;
  /** In which the segment is to be published. */
  readonly epoch: number;
  /** As for sealSegment. */
  readonly holes?: Uint32Array;
  readonly kept?: KeptParts;
}

/** Where segments are sealed: in this thread, or on threads that hold the vault's secrets. */
export interface SealPool extends AsyncDisposable {
  /** Segments sealed at once. */
  readonly width: number;
  /** Seal a batch; its arrays may be gone afterwards, handed to a thread. */
  seal(task: SealTask, signal?: AbortSignal): Promise<SealedSegment>;
}

/** What a vault worker answers. */
export type SealReply = { readonly ok: SealedSegment } | { readonly error: WireError };

/** What a vault worker is started with. */
export interface RingSecrets {
  readonly sum: Uint8Array;
  readonly product: Uint8Array;
  readonly real: Uint8Array;
  /** The public key of the divided secret, where there is one (keys/threshold/public-key.ts). */
  readonly divided?: Uint8Array;
  readonly check: Uint8Array;
}

/** Of a vault, for its own workers. */
export async function ringSecrets(secrets: VaultSecrets): Promise<RingSecrets> {
  return {
    sum: secrets.ring,
    product: await secrets.productSecret(),
    real: await secrets.realSecret(),
    check: secrets.checkSecret(),
  };
}

/** What a thread can take over rather than copy: arrays that are all of their memory. */
export function buffersOf(batch: Batch): ArrayBuffer[] {
  return batch.columns
    .flatMap(({ values, valid }) => (values instanceof Float64Array ? [values, valid] : [valid]))
    .filter((array) => array.byteLength === array.buffer.byteLength)
    .map((array) => array.buffer as ArrayBuffer);
}
