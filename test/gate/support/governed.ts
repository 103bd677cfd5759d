import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from '../../../src/bytes/random.ts';
import { utf8 } from '../../../src/bytes/codec.ts';
import { NOTE_SIGNATURE, noteKeyOfSecret } from '../../../src/bytes/note-key.ts';
import type {
  GateOptions,
  OpenGate,
  VaultGovernance,
} from '../../../src/client/governance/governed-vault.ts';
import { createFolder } from '../../../src/client/local/vault-folder.ts';
import { LocalVault } from '../../../src/client/vault.ts';
import type { Ask } from '../../../src/gate/governed/cases.ts';
import type { ReleaseGuard } from '../../../src/gate/governed/ports.ts';
import { type PolicyDocument, readDocument } from '../../../src/policy/document.ts';
import type { ReleaseSettings } from '../../../src/policy/release/settings.ts';
import { formatPolicy, signPolicy } from '../../../src/policy/signed-policy.ts';
import { EmbeddedLink } from '../../../src/run/embedded.ts';
import { MemoryBackend } from '../../../src/store/backends/memory.ts';
import type { StoreLink } from '../../../src/store/link.ts';
import { parseSchema } from '../../../src/table/schema-json.ts';
import { LEAST_COST } from '../../../src/keys/kdf.ts';
import type { Value } from '../../../src/table/value.ts';
import { plainAnswer } from '../../support/plain-twin.ts';
import { PASSPHRASE } from '../../support/vaults.ts';

interface TestSchema {
  readonly version: 1;
  readonly table: string;
  readonly subject?: string;
  readonly columns: readonly object[];
}

export const SCHEMA: TestSchema = {
  version: 1,
  table: 'visits',
  subject: 'patient',
  columns: [
    { name: 'patient', type: 'text' },
    { name: 'ward', type: 'text' },
    { name: 'days', type: 'integer' },
    { name: 'cost', type: 'integer' },
    { name: 'note', type: 'document', nullable: true },
  ],
};

/** Sixty visits of thirty people in three wards. */
export const ROWS: readonly Row[] = Array.from({ length: 60 }, (_, i) => ({
  patient: `p${i % 30}`,
  ward: ['a', 'b', 'c'][i % 3]!,
  days: (i * 7) % 11,
  cost: 100 + i,
  note: i % 4 === 0 ? 'fever and cough' : null,
}));

interface Row {
  readonly patient: string;
  readonly ward: string;
  readonly days: number;
  readonly cost: number;
  readonly note: string | null;
}

export const PURPOSE: PolicyDocument['purposes'][string] = {
  description: 'length of stay by ward',
  table: 'visits',
  fields: ['ward', 'days', 'note'],
  consent: { notices: ['1'] },
  quota: { limit: 1000, per: 'day' },
  derived: { limit: 1_000_000, per: 'day' },
  approvals: 0,
  expires: null,
};

export const BILLING: PolicyDocument['purposes'][string] = {
  ...PURPOSE,
  description: 'cost by ward',
  fields: ['ward', 'cost', 'patient'],
  consent: null,
};

export function policyOf(changes: Partial<PolicyDocument> = {}): PolicyDocument {
  const read = readDocument({
    revision: 1,
    issued: '2026-01-01T00:00:00Z',
    description: 'a ward’s policy',
    cohort: 3,
    attestations: [],
    purposes: { quality: PURPOSE, billing: BILLING },
    rules: [
      { effect: 'allow', principals: ['role:analyst'], purposes: ['*'], operations: ['aggregate'] },
    ],
    ...changes,
  });
  if ('issues' in read) throw new Error(JSON.stringify(read.issues));
  return read.document;
}

/** The guard turned off: everything passes as it is. */
export const OPEN_GUARD: ReleaseGuard = {
  review: ({ plan }) => Promise.resolve({ plan, settle: ({ result }) => Promise.resolve(result) }),
};

export interface Governed extends AsyncDisposable {
  readonly vault: LocalVault;
  readonly path: string;
  readonly governance: VaultGovernance;
  /** Bearer token of the analyst "ana". */
  readonly token: string;
  readonly officer: { readonly name: string; readonly secret: Uint8Array };
  /** Put a policy in force. */
  sign(document: PolicyDocument): Promise<void>;
  openGate(options?: GateOptions): Promise<OpenGate>;
}

export interface GovernedOptions {
  readonly policy?: Partial<PolicyDocument>;
  /** Default: a store in memory. */
  readonly link?: StoreLink;
  /** One that has no table yet, and is closed by whoever made it; default: made here. */
  readonly vault?: LocalVault;
  readonly schema?: unknown;
  /** How figures of the table are released; default: the product's, of 10 subjects at least. */
  readonly release?: ReleaseSettings;
  /** Subjects that consent; default: all. */
  readonly consenting?: readonly string[];
}

/** A vault of `ROWS` with a policy and one principal, all of it as in the product. */
export async function governedVault(options: GovernedOptions = {}): Promise<Governed> {
  const root = await mkdtemp(join(tmpdir(), 'opaline-gate-'));
  const { link = new EmbeddedLink(new MemoryBackend()) } = options;
  const vault = options.vault ?? (await vaultAt(join(root, 'vault'), link));
  const { path } = vault;
  await vault.verify();
  await vault.ingest(options.schema ?? SCHEMA, ROWS.slice(0, 50));
  // The last ones are in the delta.
  await vault.ingest(options.schema ?? SCHEMA, ROWS.slice(50), { append: true });
  if (options.release !== undefined) {
    await mkdir(join(path, 'releases'), { mode: 0o700 });
    const settings = JSON.stringify({ [SCHEMA.table]: options.release });
    await writeFile(join(path, 'releases', 'settings.json'), settings, { mode: 0o600 });
  }
  const officer = { name: 'officer', secret: randomBytes(32) };
  const key = noteKeyOfSecret(officer.name, NOTE_SIGNATURE, officer.secret);
  const governance = await vault.govern([key]);
  const sign = async (document: PolicyDocument): Promise<void> => {
    const signature = signPolicy(document, officer.name, officer.secret);
    await governance.installPolicy(utf8(formatPolicy(document, [signature])));
  };
  await sign(policyOf(options.policy));
  const token = await governance.principals.add(
    { name: 'ana', kind: 'staff', roles: ['analyst'], expires: null },
    Date.now(),
  );
  const all = [...new Set(ROWS.map(({ patient }) => patient))];
  const consents = (options.consenting ?? all).map((subject) => {
    return { subject, purpose: 'quality', notice: '1', expires: null };
  });
  await governance.consent.grant(consents, Date.now() - 1000);
  return {
    vault,
    path,
    governance,
    token,
    officer,
    sign,
    openGate: (more) => governance.openGate(more),
    [Symbol.asyncDispose]: async () => {
      if (options.vault === undefined) await vault.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

async function vaultAt(path: string, link: StoreLink): Promise<LocalVault> {
  const folder = await createFolder(path, 'memory', PASSPHRASE, '', LEAST_COST);
  return new LocalVault(folder, link, 0);
}

export const ask = (token: string, sql: string, more: Partial<Ask> = {}): Ask => ({
  token,
  sql,
  purpose: 'quality',
  parameters: [],
  ...more,
});

/** What the plaintext twin answers from the rows of some subjects. */
export async function oracle(
  sql: string,
  keeps: (patient: string) => boolean = () => true,
): Promise<readonly (readonly unknown[])[]> {
  const schema = parseSchema(SCHEMA);
  const rows = ROWS.filter(({ patient }) => keeps(patient)).map(
    ({ patient, ward, days, cost, note }): Value[] => [
      patient,
      ward,
      BigInt(days),
      BigInt(cost),
      note,
    ],
  );
  return (await plainAnswer(schema, rows, sql)).rows;
}
