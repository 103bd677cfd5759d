import type { Checkpoint } from '../../audit/checkpoint.ts';
import type { NoteKey } from '../../bytes/note-key.ts';
import { parseKey } from '../../bytes/note-key.ts';
import type { OpenOptions } from '../../client/api.ts';
import { openInside } from '../../client/governance/assessment/inside.ts';
import { type PlanReplay, replayPlans } from '../../client/governance/replay-plans.ts';
import {
  vaultLogKey,
  type VaultLogVerdict,
  verifyVaultLog,
} from '../../client/governance/verify-vault-log.ts';
import { openFolder } from '../../client/local/vault-folder.ts';
import type { OpenFolder } from '../../client/local/vault-host.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { problemsOf, vaultLogJson, vaultLogText } from '../output/vault-log-text.ts';
import { startProgress } from '../progress.ts';

export interface CheckVaultOptions {
  readonly head: readonly string[];
  readonly witness: readonly string[];
  readonly format: 'text' | 'json';
  readonly replay: boolean;
  readonly signal: AbortSignal;
  readonly readHead: (
    file: string,
    key: NoteKey,
  ) => Promise<{ readonly where: string; readonly head: Checkpoint }>;
}

/** Verifies a vault's log; its store is asked only where plans are run again. */
export async function checkVaultLog(
  path: string,
  open: OpenOptions,
  options: CheckVaultOptions,
): Promise<{ readonly problems: number; readonly text: string }> {
  if (!options.replay) {
    const folder = await openFolder(path, open.passphrase);
    try {
      return told(await verified(folder, options), undefined, options);
    } finally {
      await folder.secrets.close();
    }
  }
  await using inside = await openInside(path, open);
  const whole = await verified(inside.folder, options);
  const progress = await startProgress('computing', 'releases');
  const { signal } = options;
  const replays = await replayPlans(whole.meaning.releases, inside, {
    signal,
    onProgress: (done, total) => progress.update(done, total),
  }).finally(() => progress.stop());
  return told(whole, replays, options);
}

async function verified(folder: OpenFolder, options: CheckVaultOptions): Promise<VaultLogVerdict> {
  const { head, witness, signal, readHead } = options;
  const key = vaultLogKey(folder);
  const heads = await Promise.all(head.map((file) => readHead(file, key)));
  const progress = await startProgress('verifying', 'entries');
  return await verifyVaultLog(folder, {
    heads,
    witnesses: witness.map(parseKey),
    onProgress: (done, total) => {
      if (signal.aborted) throw new OpalineError('ABORTED', {});
      progress.update(done, total);
    },
  }).finally(() => progress.stop());
}

function told(
  whole: VaultLogVerdict,
  replays: readonly PlanReplay[] | undefined,
  { format }: CheckVaultOptions,
): { readonly problems: number; readonly text: string } {
  const text =
    format === 'json'
      ? `${JSON.stringify(vaultLogJson(whole, replays))}\n`
      : vaultLogText(whole, replays);
  return { problems: problemsOf(whole, replays), text };
}
