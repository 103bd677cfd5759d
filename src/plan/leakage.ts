/**
 * Leakage as a value: what a construction or a plan node shows the store. EXPLAIN adds them up.
 */
export interface Leakage {
  /** The plan node or construction. */
  readonly node: string;
  /** The index that serves it, or the ciphertext column kind. */
  readonly index: string;
  /** What the store sees at rest. */
  readonly atRest: readonly string[];
  /** What this query adds. */
  readonly onQuery: readonly string[];
  /** Rows' values an attacker is expected to recover, 0 to 1, and under which published attack. */
  readonly expectedRecovery: { readonly attack: string; readonly fraction: number } | null;
}
