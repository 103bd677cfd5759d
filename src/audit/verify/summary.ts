import type { Leaf } from '../leaf.ts';
import type { LogVerdict } from './verify-log.ts';

/** Entries of one kind. */
export interface KindSummary {
  readonly kind: string;
  readonly entries: number;
  /** Milliseconds since 1970, by the entries' own times. */
  readonly first: number;
  readonly last: number;
}

/** What a log holds, and whether it verifies. */
export interface LogSummary {
  readonly origin: string | null;
  readonly entries: number;
  readonly kinds: readonly KindSummary[];
  readonly verdict: LogVerdict;
}

/** Said with every report on a log. */
export const CANNOT_SHOW: readonly string[] = [
  'that everything that happened was logged',
  'that the times of entries are true',
  'why a sealed detail is gone: shredded, or removed',
  'without a head or a witness’s cosignature from elsewhere: that this is the newest state, and the only one',
];

/** Counts entries as `verifyLog` tells them. */
export class Summary {
  private readonly kinds = new Map<string, { entries: number; first: number; last: number }>();

  readonly visit = (_: number, { kind, time }: Leaf): void => {
    const known = this.kinds.get(kind);
    if (known === undefined) {
      this.kinds.set(kind, { entries: 1, first: time, last: time });
      return;
    }
    known.entries++;
    known.first = Math.min(known.first, time);
    known.last = Math.max(known.last, time);
  };

  of(verdict: LogVerdict): LogSummary {
    const kinds = [...this.kinds].map(([kind, counted]) => ({ kind, ...counted }));
    return {
      origin: verdict.checkpoint?.origin ?? null,
      entries: verdict.checkpoint?.size ?? 0,
      kinds: kinds.sort((a, b) => (a.kind < b.kind ? -1 : 1)),
      verdict,
    };
  }
}
