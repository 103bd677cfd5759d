import { LEAST_PAYLOAD, MAX_PAYLOAD, recordBytes } from './format.ts';

/** How much more room than the smallest index takes may buy longer values. */
const MORE_ROOM = 4;

/** Bits of a value that a run of rows may take: the first says that there is one. */
export function runRoom(payload: number): number {
  return 8 * payload - 1;
}

/** The size of value that takes a list of so many bits whole. */
export function wholePayload(bits: number): number {
  return Math.max(LEAST_PAYLOAD, 8 * Math.ceil((bits + 1) / 64));
}

/** Sizes to choose from, in bytes, ascending, the last of which takes the longest list whole. */
export function payloadsUpTo(bits: number): number[] {
  const whole = Math.min(MAX_PAYLOAD, wholePayload(bits));
  const sizes: number[] = [];
  for (let size = LEAST_PAYLOAD; size < whole; size *= 2) {
    sizes.push(size);
    if (size >= 16 && 1.5 * size < whole) sizes.push(1.5 * size);
  }
  return [...sizes, whole];
}

/**
 * The size of a value, given how many values lists take at each size: the largest at which the index takes at most
 * four times as much room as at the best. Long values show less: a lookup of a list that takes several reads several.
 */
export function choosePayload(payloads: readonly number[], totals: readonly number[]): number {
  const bytes = payloads.map((payload, p) => totals[p]! * recordBytes(payload));
  const most = MORE_ROOM * Math.min(...bytes);
  return payloads[bytes.findLastIndex((size) => size <= most)]!;
}
