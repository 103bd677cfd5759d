import type { WireError } from '../errors/wire.ts';

/**
 * Where segments are evaluated: in this thread or in a pool of them. Everything that goes in and
 * comes out is bytes.
 */
export interface EvaluationPool extends AsyncDisposable {
  /** Segments that can be evaluated at once. */
  readonly width: number;
  run(task: EvaluationTask, signal?: AbortSignal): Promise<Uint8Array>;
}

export type EvaluationTask =
  /** At-rest form of an uploaded column. */
  | { readonly kind: 'expand'; readonly part: string; readonly wire: Uint8Array }
  /** Partial result (evaluate/partial-codec.ts) of one segment. */
  | { readonly kind: 'aggregate'; readonly fragment: Uint8Array; readonly position: number }
  /** Row ids of one segment as little-endian words. */
  | { readonly kind: 'rows'; readonly fragment: Uint8Array; readonly position: number }
  /** A members reply of one segment. */
  | { readonly kind: 'members'; readonly fragment: Uint8Array; readonly position: number }
  /** A scores reply of one segment. */
  | { readonly kind: 'scores'; readonly fragment: Uint8Array; readonly position: number };

/** What a worker answers: bytes, or an error in wire form so that its class and code survive. */
export type WorkerReply = { readonly ok: Uint8Array } | { readonly error: WireError };
