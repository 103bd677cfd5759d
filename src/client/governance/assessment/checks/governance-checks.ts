import { LogFolder } from '../../../../audit/file/log-folder.ts';
import { sealingKeys } from '../../../../audit/subject-keys.ts';
import { verifyLog } from '../../../../audit/verify/verify-log.ts';
import { NOTE_SIGNATURE, noteKeyOfSecret } from '../../../../bytes/note-key.ts';
import { OpalineError } from '../../../../errors/opaline-error.ts';
import { notRun, passed, unless } from '../../../../policy/assessment/checks.ts';
import { readSealedFile } from '../../../local/sealed-file.ts';
import {
  governanceFile,
  governanceOf,
  isThere,
  jsonOf,
  logOf,
  logOrigin,
  logSecrets,
  pinnedHead,
} from '../governance.ts';
import type { Check } from './check.ts';

const NO_POLICY = 'the vault has no policy';

/** The whole log: every hash, every sealed detail, and that it continues the pinned head. */
export const logVerifies: Check = async ({ inside, signal }) => {
  const { folder } = inside;
  const path = logOf(folder.path);
  if (!(await isThere(path))) {
    const governed = await isThere(governanceOf(folder.path));
    return governed ? unless(['it is gone'], '') : notRun(`${NO_POLICY}, and so no log`);
  }
  const { signing, sealing } = logSecrets(folder.secrets);
  const head = await pinnedHead(folder);
  const { findings, problems, checkpoint } = await verifyLog(await LogFolder.open(path), {
    key: noteKeyOfSecret(logOrigin(folder.secrets), NOTE_SIGNATURE, signing),
    sealing: sealingKeys(sealing),
    heads: head === undefined ? [] : [{ where: 'the vault’s pin', head }],
    onProgress: () => {
      if (signal?.aborted === true) throw new OpalineError('ABORTED', {});
    },
  });
  const wrong = findings
    .filter(({ level }) => level === 'problem')
    .map(({ where, text }) => `${where}: ${text}`);
  if (problems > 0 || checkpoint === undefined) {
    return unless(wrong.length > 0 ? wrong : ['it has no checkpoint of the vault'], '');
  }
  return passed(
    `${checkpoint.size} entries${head === undefined ? '; no head is pinned yet' : `, from the pinned ${head.size} on`}`,
  );
};

/** The sealed file of the consents: authentic and of its outer form. Who consented is not told. */
export const consentLedger: Check = async ({ inside }) => {
  const { path, secrets } = inside.folder;
  if (!(await isThere(governanceOf(path)))) return notRun(NO_POLICY);
  const records = await readSealedFile(governanceFile(path, secrets, 'consent'), (reader) => {
    const json = jsonOf(reader);
    const list = typeof json === 'object' && json !== null && 'records' in json && json.records;
    return Array.isArray(list) ? list.length : reader.fail('its content is not of its form');
  });
  return passed(`${records} records`);
};
