import type { MeanInterval } from './attacks/interval.ts';
import type { AttackName } from './ladder.ts';
import type { Rung } from '../table/search-index.ts';

/** One line of `opaline attack`: an attack on an index as built, over all seeds. Shares of 1. */
export interface AttackReport {
  readonly table: string;
  /** Null: predicates on all columns together. */
  readonly column: string | null;
  readonly index: Rung;
  readonly attack: AttackName;
  /** Which keywords were asked for; null: ranges. */
  readonly space: 'all' | 'frequent' | 'rare' | null;
  /** Keywords of the query space, or values that a range attack tells apart. */
  readonly keywords: number;
  /** What the attacker is given beside the store's view. */
  readonly knowledge: string;
  /** Share of the rows that the attacker knows; null: none. */
  readonly known: number | null;
  readonly seeds: number;
  /** Queries of a trial. */
  readonly queries: number;
  /** What `recovery` is a share of; `auc` is an area under a ROC curve. */
  readonly measure: 'rows' | 'queries' | 'auc';
  readonly recovery: MeanInterval;
  /** Of distinct tokens, and of queries; null where the attack names no keyword of a token. */
  readonly recoveryRate: number | null;
  readonly queryWeightedRecovery: number | null;
  /** What naming the commonest value for everything gets. */
  readonly guessTheMode: number;
  readonly advantageOverMode: number;
  /** The same attack against labels in a random order: what it gets from nothing. */
  readonly shuffledLabels: number;
  /** Of one query, on average. */
  readonly cost: { readonly ms: number; readonly bytesUp: number; readonly bytesDown: number };
}
