import type { Ablation, AblationSide, Measurement } from '../result.ts';

/** Two schemes that differ in one measure: the tradeoff has run both. */
export interface SchemePair {
  readonly what: string;
  readonly kind: Ablation['kind'];
  readonly with: string;
  readonly without: string;
  readonly workloads: readonly string[];
}

/** The pairs that were both measured, at the largest size that both have. */
export function pairedAblations(
  measurements: readonly Measurement[],
  pairs: readonly SchemePair[],
): Ablation[] {
  return pairs.flatMap((pair) =>
    pair.workloads.flatMap((workload): Ablation[] => {
      const of = (scheme: string): Measurement[] =>
        measurements.filter((one) => one.scheme === scheme && one.workload === workload);
      const [having, lacking] = [of(pair.with), of(pair.without)];
      const shared = having
        .map(({ rows }) => rows)
        .filter((rows) => lacking.some((one) => one.rows === rows));
      if (shared.length === 0) return [];
      const rows = Math.max(...shared);
      const at = (all: readonly Measurement[]): AblationSide =>
        sideOf(all.find((one) => one.rows === rows)!);
      const what = `${pair.what}, ${rows} rows`;
      return [{ workload, what, kind: pair.kind, with: at(having), without: at(lacking) }];
    }),
  );
}

function sideOf({ ms, bytesAtRest, bytesDown, privacy }: Measurement): AblationSide {
  const side = { ms, bytesAtRest, advantage: privacy.advantage.mean };
  return bytesDown === null ? side : { ...side, bytesDown };
}
