import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AuditLog } from '../../../src/audit/file/audit-log.ts';
import { custodyLogSecrets, IntentLog } from '../../../src/client/custody/intent-log.ts';
import { CUSTODY_LOG } from '../../../src/client/local/vault-files.ts';
import { verifyCustodyLog } from '../../../src/client/custody/verify-custody-log.ts';
import { createFolder } from '../../../src/client/local/vault-folder.ts';
import type { OpenFolder } from '../../../src/client/local/vault-host.ts';
import { LEAST_COST } from '../../../src/keys/kdf.ts';
import { PASSPHRASE } from '../../support/vaults.ts';

let root = '';
let folder: OpenFolder;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'opaline-custody-log-'));
  folder = await createFolder(join(root, 'vault'), 'memory', PASSPHRASE, '', LEAST_COST);
});
afterAll(async () => {
  await folder.secrets.close();
  await rm(root, { recursive: true, force: true });
});

const verified = () => verifyCustodyLog(folder.path, folder.secrets);
const key = 'ab'.repeat(16);
const fragment = Uint8Array.of(1, 2, 3);

test('what custodians were asked is verified, and told where one was asked again', async () => {
  expect(await verified()).toBeUndefined();
  const log = await IntentLog.open(folder.path, folder.secrets);
  await log.announce({ key, quorum: [1, 2], fragment });
  // A second quorum that shares nobody with the first, and other sums.
  await log.announce({ key, quorum: [3, 4], fragment });
  await log.announce({ key, quorum: [1, 2], fragment: Uint8Array.of(1, 2) });
  expect(await verified()).toMatchObject({ verdict: { problems: 0 }, findings: [] });
  await log.announce({ key, quorum: [2, 5], fragment });
  expect((await verified())!.findings).toEqual([
    { level: 'advice', index: 3, text: expect.stringContaining('custodian 2 was asked again') },
  ]);
});

test('an entry that announces nothing is wrong', async () => {
  const log = await AuditLog.open(
    join(folder.path, CUSTODY_LOG),
    custodyLogSecrets(folder.secrets),
  );
  await log.append([{ kind: 'custody.intent', time: 1, details: [{ content: fragment }] }]);
  const { findings } = (await verified())!;
  expect(findings.filter(({ level }) => level === 'problem').length).toBe(1);
});
