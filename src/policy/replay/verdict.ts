import type { IntentContent, ReplayFinding } from './entry.ts';

export interface ReplayOptions {
  /** Digests by revision, of policies whose signatures were verified; absent: they are not at hand. */
  readonly signed?: ReadonlyMap<number, string>;
}

/** What a log says of releases, and what is wrong with it. */
export interface ReplayVerdict {
  readonly findings: readonly ReplayFinding[];
  readonly problems: number;
  readonly releases: readonly LoggedRelease[];
  readonly refused: number;
  /** Intents without an outcome. */
  readonly open: number;
}

/** An answer that left, as the log tells of it. */
export interface LoggedRelease {
  /** The entry of its outcome. */
  readonly index: number;
  readonly intent: IntentContent;
  /** Keyed digest of what was computed, 64 hex digits. */
  readonly computed: string;
  /** Whose rows counted; null: everybody's; undefined: it could not be made out. */
  readonly subjects: ReadonlySet<string> | null | undefined;
}

/** Said with every verdict. */
export const REPLAY_CANNOT_SHOW: readonly string[] = [
  'that nothing left but what the log tells of',
  'that what was computed is what was logged: for that, plans are run again (--replay)',
  'of what happened within half a minute, which was first',
  'whether tables and processors were those that were assessed, and what of a policy is a matter of judgement',
];
