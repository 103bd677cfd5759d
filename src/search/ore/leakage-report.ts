import type { RungProfile, RungReport } from '../leakage-rung.ts';
import { MAX_BLOCKS } from './format.ts';
import { type CodedRows, estimateOre, oreLeakage } from './leakage.ts';
import { ordinalKind, ordinalOf } from './ordinal.ts';
import { type CodeRange, rangeCodes } from './range.ts';
import { blocksFor, type OreState } from './state.ts';

/** As the registry of rungs wants it. */
export function oreReport(profile: RungProfile): RungReport {
  const { column, rows, segments, use } = profile;
  const numbered = numberedValues(profile);
  const of = {
    column,
    rows,
    segments,
    blocks: numbered?.blocks ?? MAX_BLOCKS,
    ranges: use.asked,
    ...(numbered && { values: numbered.values }),
    ...(numbered && use.ranges && { ends: numbered.endsOf(use.ranges) }),
  };
  return { leakage: oreLeakage(of), estimate: estimateOre(of) };
}

interface Numbered {
  readonly blocks: number;
  readonly values: readonly CodedRows[];
  endsOf(ranges: NonNullable<RungProfile['use']['ranges']>): bigint[];
}

/** The column's values with the codes that one segment of all its rows would give them, if they are known. */
function numberedValues({
  type,
  values,
  frequencies,
  segments,
  rows,
}: RungProfile): Numbered | undefined {
  const kind = type === undefined ? undefined : ordinalKind(type);
  if (typeof kind !== 'string' || values === undefined || frequencies === undefined) {
    return undefined;
  }
  const ordinals = values.map((value) => value && ordinalOf(value, kind));
  const present = ordinals.filter((ordinal) => ordinal !== undefined);
  if (present.length === 0 || segments === 0 || rows === 0) return undefined;
  const least = present.reduce((a, b) => (a < b ? a : b));
  const most = present.reduce((a, b) => (a > b ? a : b));
  const state: Pick<OreState, 'kind' | 'nulls' | 'span'> = {
    kind,
    nulls: present.length < ordinals.length,
    span: { least, most },
  };
  return {
    blocks: blocksFor({ least, most }),
    values: ordinals.map((ordinal, i) => ({
      code: ordinal === undefined ? 0n : ordinal - least + 1n,
      rows: frequencies[i]!,
    })),
    endsOf: (ranges) =>
      ranges
        .map(({ low, high }): CodeRange => rangeCodes(state, low, high) ?? {})
        .flatMap(({ low, high }) => [low, high].filter((end) => end !== undefined)),
  };
}
