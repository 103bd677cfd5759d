import type { Schema } from '../../table/schema.ts';
import type { Batch } from '../../table/value.ts';
import type { KeptParts, SealedSegment } from './segment.ts';

export interface SealTask {
  readonly schema: Schema;
  /** Opaque table id. */
  readonly table: string;
  readonly batch: Batch;
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
