import type { QueryStats } from '../../client/api.ts';
import { byteText, countText } from '../output/quantity.ts';

/** The notice that comes with every answer of a vault without a policy. */
export const OWNER_MODE = 'No policy file: owner mode, exact answers, no cohort floor.';

/** What an answer took, for a person. */
export function statsText({ ms, rounds, bytesUp, bytesDown }: QueryStats): string {
  return (
    `${Math.round(ms)} ms, ${countText(rounds, 'round trip')}, ` +
    `${byteText(bytesUp)} up, ${byteText(bytesDown)} down`
  );
}
