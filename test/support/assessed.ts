/** A vault with what a policy brings: officers, consents, a signed policy and an audit log, as its gate reads them. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AuditLog } from '../../src/audit/file/audit-log.ts';
import { utf8, Writer } from '../../src/bytes/codec.ts';
import { formatKey, NOTE_SIGNATURE, noteKeyOfSecret } from '../../src/bytes/note-key.ts';
import {
  governanceFile,
  governanceOf,
  logOf,
  logOrigin,
  logSecrets,
} from '../../src/client/governance/assessment/governance.ts';
import { writeSealedFile } from '../../src/client/local/sealed-file.ts';
import { openFolder } from '../../src/client/local/vault-folder.ts';
import type { Context } from '../../src/policy/assessment/context.ts';
import type { PolicyDocument, Purpose } from '../../src/policy/document.ts';
import { formatPolicy, signPolicy } from '../../src/policy/signed-policy.ts';

const OFFICER = new Uint8Array(32).fill(5);
const NAME = 'officer.example/moss';

export const SCHEMA = {
  version: 1,
  table: 'visits',
  subject: 'patient',
  columns: {
    patient: { type: 'text', category: 'identity', search: 'oblivious' },
    ward: { type: 'text', category: 'organisation' },
    days: { type: 'integer', category: 'health', search: 'sse-padded' },
  },
};

export const BEDS: Purpose = {
  description: 'to plan beds',
  table: 'visits',
  fields: ['ward', 'days'],
  consent: { notices: ['1'] },
  quota: { limit: 10, per: 'day' },
  derived: { limit: 1000, per: 'day' },
  approvals: 0,
  expires: null,
};

export const POLICY: PolicyDocument = {
  revision: 1,
  issued: '2026-01-01T00:00:00Z',
  description: 'who may ask what',
  cohort: 10,
  attestations: [],
  purposes: { beds: BEDS },
  rules: [],
};

export const CONTEXT: Context = {
  organisation: { name: 'Ward & <Sons>', staff: 20, mainBusiness: false },
  officer: { name: 'Moss', contact: 'moss@example.org' },
  department: null,
  expected: 1000,
  processors: [],
  sensitive: [],
  risks: {},
  validDays: 365,
};

/** Begin the governance of a vault and put a policy in force. */
export async function govern(
  vault: string,
  passphrase: string,
  policy: PolicyDocument = POLICY,
): Promise<void> {
  const { secrets } = await openFolder(vault, passphrase);
  await mkdir(governanceOf(vault), { mode: 0o700 });
  const officers = [formatKey(noteKeyOfSecret(NAME, NOTE_SIGNATURE, OFFICER))];
  const files = { officers: { officers, revision: 1 }, consent: { records: [] } };
  for (const [name, value] of Object.entries(files)) {
    const content = new Writer().bytes(utf8(JSON.stringify(value)));
    await writeSealedFile(governanceFile(vault, secrets, name), content);
  }
  await putPolicy(vault, policy);
  await AuditLog.create(logOf(vault), logOrigin(secrets), logSecrets(secrets));
  await secrets.close();
}

/** Replace the policy of the revision in force. */
export async function putPolicy(vault: string, policy: PolicyDocument): Promise<void> {
  const note = formatPolicy(policy, [signPolicy(policy, NAME, OFFICER)]);
  await writeFile(join(governanceOf(vault), 'policy-1.note'), note, { mode: 0o600 });
}
