import { join } from 'node:path';
import { LogFolder } from '../../../audit/file/log-folder.ts';
import { sealingKeys } from '../../../audit/subject-keys.ts';
import type { DetailState } from '../../../audit/verify/verify-details.ts';
import { verifyLog } from '../../../audit/verify/verify-log.ts';
import { NOTE_SIGNATURE, noteKeyOfSecret } from '../../../bytes/note-key.ts';
import { OpalineError } from '../../../errors/opaline-error.ts';
import { ENTRY, type OpenedEntry } from '../../../policy/incident/scope.ts';
import type { OpenFolder } from '../../local/vault-host.ts';
import { logOrigin, logSecrets, pinnedHead } from '../assessment/governance.ts';
import { LOG_FOLDER } from '../file-names.ts';
import { governancePlace } from '../place.ts';

const KINDS: readonly string[] = Object.values(ENTRY);
const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The entries of a vault's log that an incident's scope is made of, opened, in their order. The whole log is verified
 * on the way, against the vault's pin too: of one that was altered nothing is told.
 * @throws LOG_NOT_FOUND, LOG_INVALID, ABORTED
 */
export async function readScopeEntries(
  folder: OpenFolder,
  signal?: AbortSignal,
): Promise<readonly OpenedEntry[]> {
  const { signing, sealing } = logSecrets(folder.secrets);
  const source = await LogFolder.open(join(governancePlace(folder.path), LOG_FOLDER));
  const head = await pinnedHead(folder);
  const entries: OpenedEntry[] = [];
  const { findings } = await verifyLog(source, {
    key: noteKeyOfSecret(logOrigin(folder.secrets), NOTE_SIGNATURE, signing),
    sealing: sealingKeys(sealing),
    heads: head === undefined ? [] : [{ where: 'the vault’s pin', head }],
    onEntry: (index, { kind, time }, details) => {
      if (!KINDS.includes(kind)) return;
      entries.push({ index, kind, time, contents: details.map(contentOf) });
    },
    onProgress: () => {
      if (signal?.aborted === true) throw new OpalineError('ABORTED', {});
    },
  });
  const wrong = findings.find(({ level }) => level === 'problem');
  if (wrong === undefined) return entries;
  throw new OpalineError('LOG_INVALID', { where: wrong.where, reason: wrong.text });
}

function contentOf(state: DetailState): unknown {
  if (state.kind !== 'open') return undefined;
  try {
    return JSON.parse(DECODER.decode(state.detail.content));
  } catch {
    return undefined;
  }
}
