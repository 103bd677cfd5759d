import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { utf8 } from '../../../src/bytes/codec.ts';
import { NOTE_SIGNATURE, noteKeyOfSecret } from '../../../src/bytes/note-key.ts';
import { randomBytes } from '../../../src/bytes/random.ts';
import type { VaultGovernance } from '../../../src/client/governance/governed-vault.ts';
import { createFolder } from '../../../src/client/local/vault-folder.ts';
import { LocalVault } from '../../../src/client/vault.ts';
import { isOpalineError } from '../../../src/errors/opaline-error.ts';
import type { Steps } from '../../../src/gate/governed/cases.ts';
import type { Tables } from '../../../src/gate/governed/ports.ts';
import { STEPS } from '../../../src/gate/governed/steps.ts';
import { askGate } from '../../../src/gateway/ask-gate.ts';
import { serveGate } from '../../../src/gateway/serve-gate.ts';
import { LEAST_COST } from '../../../src/keys/kdf.ts';
import { formatPolicy, signPolicy } from '../../../src/policy/signed-policy.ts';
import { EmbeddedLink } from '../../../src/run/embedded.ts';
import { MemoryBackend } from '../../../src/store/backends/memory.ts';
import { draws, MaliciousLink } from '../../support/malicious-link.ts';
import { ingestVisits, tamperingRounds, visitTruth } from '../../support/tamperings.ts';
import { PASSPHRASE } from '../../support/vaults.ts';
import { policyOf, PURPOSE } from './governed.ts';

const MANY = 1_000_000;
const purposes = {
  quality: {
    ...PURPOSE,
    fields: ['ward', 'days', 'fee'],
    quota: { limit: MANY, per: 'day' },
    derived: { limit: 100 * MANY, per: 'day' },
  },
} as const;
/** Their rows count for nobody: the store is told to leave them out. */
const WITHDRAWN = ['p17', 'p450', 'p899'];
/** All that whoever asks is told of an answer that does not verify. */
export const UNIFORM = 'the gate could not answer';
const never = new AbortController().signal;

/** The gate of a vault whose store is malicious, in its process and over HTTP. */
export interface TamperedGate extends AsyncDisposable {
  readonly store: MaliciousLink;
  readonly vault: LocalVault;
  readonly governance: VaultGovernance;
  /** The true answers, as JSON. */
  readonly truth: ReadonlyMap<string, string>;
  /** The rows of the gate's answer, or why it refuses. Where it is not to be verified, step 7 alone is altered. */
  ask(sql: string, verified: boolean, overHttp: boolean): Promise<string>;
}

export async function tamperedGate(): Promise<TamperedGate> {
  const store = new MaliciousLink();
  const root = await mkdtemp(join(tmpdir(), 'opaline-falsified-'));
  const folder = await createFolder(join(root, 'vault'), 'memory', PASSPHRASE, '', LEAST_COST);
  const vault = new LocalVault(folder, store.wrap(new EmbeddedLink(new MemoryBackend())), 0);
  await vault.verify();
  await ingestVisits(vault, async (sql, verified) => {
    store.checked = verified;
    store.question = sql;
    await vault.query(sql, [], { verified });
  });
  const officer = { name: 'officer', secret: randomBytes(32) };
  const key = noteKeyOfSecret(officer.name, NOTE_SIGNATURE, officer.secret);
  const governance = await vault.govern([key]);
  const policy = policyOf({ purposes });
  const signature = signPolicy(policy, officer.name, officer.secret);
  await governance.installPolicy(utf8(formatPolicy(policy, [signature])));
  const ana = { name: 'ana', kind: 'staff', roles: ['analyst'], expires: null } as const;
  const token = await governance.principals.add(ana, Date.now());
  const consent = { purpose: 'quality', notice: '1', expires: null };
  const consents = Array.from({ length: 900 }, (_, i) => ({ ...consent, subject: `p${i}` }));
  await governance.consent.grant(consents, Date.now() - 1000);
  for (const subject of WITHDRAWN) {
    await governance.consent.withdraw({ ...consent, subject }, Date.now());
  }
  const steps: Steps = {
    ...STEPS,
    computed: (intended, services) => {
      if (store.checked) return STEPS.computed(intended, services);
      const { tables } = services;
      const release: Tables['release'] = (plan, table, options) =>
        vault['gate'].release(plan, table, options);
      return STEPS.computed(intended, { ...services, tables: { ...tables, release } });
    },
  };
  const gate = await governance.openGate({ steps });
  const host = { host: '127.0.0.1', port: 0, version: 'test', logLevel: 'silent' } as const;
  const gateway = await serveGate({ gate, ...host, requestsPerMinute: MANY });
  return {
    store,
    vault,
    governance,
    truth: await visitTruth((patient) => !WITHDRAWN.includes(patient)),
    ask: async (sql, verified, overHttp) => {
      store.checked = verified;
      store.question = sql;
      const query = { purpose: 'quality', sql, parameters: [] };
      try {
        const { rows } = overHttp
          ? await askGate({ address: gateway.address, token }, query, never)
          : (await gate.answer({ ...query, token })).result;
        return JSON.stringify(rows);
      } catch (error) {
        if (isOpalineError(error, 'DENIED')) return error.details.reason;
        throw error;
      }
    },
    [Symbol.asyncDispose]: async () => {
      await gateway[Symbol.asyncDispose]();
      await gate[Symbol.asyncDispose]();
      await vault.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** Every fifth request comes over HTTP. */
const OVER_HTTP = 5;

/** So many tamperings: each changes what leaves unverified, and is refused, as any is, and freezes releases. */
export async function expectRefused(tampered: TamperedGate, rounds: number): Promise<void> {
  const { store, vault, truth, ask } = tampered;
  let refused = 0;
  for (const { round, name, tamper, believed, sql, seed } of tamperingRounds(
    rounds,
    draws(820_261_127),
  )) {
    const at = `${round}: ${name}: ${sql}`;
    const overHttp = round % OVER_HTTP === 0;
    store.tamper = tamper;
    store.draw = draws(seed);
    const unverified = await ask(sql, false, overHttp);
    expect(unverified, at).not.toBe(truth.get(sql));
    if (believed) expect(unverified, at).toMatch(/^\[/);
    store.draw = draws(seed);
    expect(await ask(sql, true, overHttp), at).toBe(UNIFORM);
    store.tamper = undefined;
    expect(await vault.frozenSince(), at).toBeInstanceOf(Date);
    await vault.liftFreeze();
    refused++;
  }
  expect(refused).toBe(rounds);
}
