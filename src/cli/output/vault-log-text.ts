import type { PlanReplay } from '../../client/governance/replay-plans.ts';
import type { VaultLogVerdict } from '../../client/governance/verify-vault-log.ts';
import type { ReplayFinding } from '../../policy/replay/entry.ts';
import { REPLAY_CANNOT_SHOW } from '../../policy/replay/verdict.ts';
import { verdictJson, verdictText } from './audit-text.ts';
import { oneLine } from './one-line.ts';
import { countText } from './quantity.ts';

/** What is wrong with a vault's log and with what it says, then what was checked. */
export function vaultLogText(
  { verdict, meaning, custody }: VaultLogVerdict,
  replays: readonly PlanReplay[] | undefined,
): string {
  const line = ({ level, index, text }: ReplayFinding): string =>
    `${level.padEnd(7)}  entry ${index}: ${oneLine(text)}\n`;
  const findings = meaning.findings.map(line);
  const asked =
    custody === undefined
      ? ''
      : `what custodians were asked:\n${verdictText(custody.verdict)}${custody.findings.map(line).join('')}`;
  const { releases, refused, open, problems } = meaning;
  const ok =
    problems > 0 || verdict.problems > 0
      ? ''
      : `ok       what it says: ${countText(releases.length, 'release')}, ${countText(refused, 'refusal')}, ${open} open\n`;
  const again = (replays ?? []).map(({ index, state, reason }) => {
    if (state === 'same') return `same     entry ${index}: computed again\n`;
    const level = state === 'other' ? 'problem' : 'advice';
    const text = state === 'other' ? reason : `not replayable: ${reason}`;
    return `${level.padEnd(7)}  entry ${index}: ${oneLine(text)}\n`;
  });
  const cannot = REPLAY_CANNOT_SHOW.map((line) => `  ${line}\n`).join('');
  return `${verdictText(verdict)}${findings.join('')}${ok}${again.join('')}${asked}what it cannot show:\n${cannot}`;
}

/** The same as plain data. */
export function vaultLogJson(
  { verdict, meaning, custody }: VaultLogVerdict,
  replays: readonly PlanReplay[] | undefined,
): object {
  const { findings, releases, refused, open } = meaning;
  return {
    ...verdictJson(verdict),
    meaning: { findings, released: releases.length, refused, open },
    ...(replays && { replays }),
    ...(custody && {
      custody: { ...verdictJson(custody.verdict), findings: custody.findings },
    }),
    cannotShow: REPLAY_CANNOT_SHOW,
  };
}

/** Of the log, of what it says, and of what is not computed as it was. */
export function problemsOf(
  { verdict, meaning, custody }: VaultLogVerdict,
  replays: readonly PlanReplay[] = [],
): number {
  const other = replays.filter(({ state }) => state === 'other').length;
  const asked = custody?.findings.filter(({ level }) => level === 'problem').length ?? 0;
  return verdict.problems + meaning.problems + other + (custody?.verdict.problems ?? 0) + asked;
}
