import type { WireError } from '../../errors/wire.ts';

/** What an evaluator tells the directory. Lease numbers are the evaluator's own. */
export type DirectoryRequest =
  | {
      readonly kind: 'acquire';
      readonly lease: number;
      readonly wants: readonly { readonly key: string; readonly bytes: number }[];
    }
  /** Part number `part` of the lease, which fell to this evaluator to fill, is in place. */
  | { readonly kind: 'filled'; readonly lease: number; readonly part: number }
  | { readonly kind: 'failed'; readonly lease: number; readonly part: number }
  | { readonly kind: 'release'; readonly lease: number; readonly scratchBytes: number };

/** What the directory answers. */
export type DirectoryReply =
  | { readonly kind: 'granted'; readonly lease: number; readonly parts: readonly GrantedPart[] }
  /** A part that another evaluator was filling: it is in place, or it is this one's turn. */
  | {
      readonly kind: 'settled';
      readonly lease: number;
      readonly part: number;
      readonly role: 'ready' | 'fill';
    }
  | { readonly kind: 'refused'; readonly lease: number; readonly error: WireError };

export interface GrantedPart {
  readonly offset: number;
  readonly stamp: number;
  readonly role: 'ready' | 'fill' | 'wait';
}
