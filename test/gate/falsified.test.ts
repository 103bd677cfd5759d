import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { utf8 } from '../../src/bytes/codec.ts';
import { NOTE_SIGNATURE, noteKeyOfSecret } from '../../src/bytes/note-key.ts';
import { randomBytes } from '../../src/bytes/random.ts';
import type { OpenGate, VaultGovernance } from '../../src/client/governance/governed-vault.ts';
import { createFolder } from '../../src/client/local/vault-folder.ts';
import { LocalVault } from '../../src/client/vault.ts';
import { isOpalineError } from '../../src/errors/opaline-error.ts';
import type { Steps } from '../../src/gate/governed/cases.ts';
import type { Tables } from '../../src/gate/governed/ports.ts';
import { STEPS } from '../../src/gate/governed/steps.ts';
import { askGate } from '../../src/gateway/ask-gate.ts';
import { type RunningGateway, serveGate } from '../../src/gateway/serve-gate.ts';
import { LEAST_COST } from '../../src/keys/kdf.ts';
import { formatPolicy, signPolicy } from '../../src/policy/signed-policy.ts';
import { EmbeddedLink } from '../../src/run/embedded.ts';
import { MemoryBackend } from '../../src/store/backends/memory.ts';
import { draws, MaliciousLink } from '../support/malicious-link.ts';
import {
  ingestVisits,
  QUERIES,
  TAMPERING_CASES,
  tamperingRounds,
  visitTruth,
} from '../support/tamperings.ts';
import { PASSPHRASE } from '../support/vaults.ts';
import { policyOf, PURPOSE } from './support/governed.ts';

/** Over HTTP every fifth, the others in the gate's process. */
const ROUNDS = 500;
const OVER_HTTP = 5;

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
const UNIFORM = 'the gate could not answer';
const never = new AbortController().signal;

let root = '';
let vault: LocalVault;
let governance: VaultGovernance;
let gate: OpenGate;
let gateway: RunningGateway;
let token = '';
let truth: ReadonlyMap<string, string>;
const store = new MaliciousLink();

/** All nine steps; where the test says so, the answer of the seventh is not verified. */
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

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'opaline-falsified-'));
  const folder = await createFolder(join(root, 'vault'), 'memory', PASSPHRASE, '', LEAST_COST);
  vault = new LocalVault(folder, store.wrap(new EmbeddedLink(new MemoryBackend())), 0);
  await vault.verify();
  await ingestVisits(vault, async (sql, verified) => {
    store.checked = verified;
    store.question = sql;
    await vault.query(sql, [], { verified });
  });
  const officer = { name: 'officer', secret: randomBytes(32) };
  governance = await vault.govern([noteKeyOfSecret(officer.name, NOTE_SIGNATURE, officer.secret)]);
  const policy = policyOf({ purposes });
  const signature = signPolicy(policy, officer.name, officer.secret);
  await governance.installPolicy(utf8(formatPolicy(policy, [signature])));
  const ana = { name: 'ana', kind: 'staff', roles: ['analyst'], expires: null } as const;
  token = await governance.principals.add(ana, Date.now());
  const patients = Array.from({ length: 900 }, (_, i) => `p${i}`);
  const consent = { purpose: 'quality', notice: '1', expires: null };
  await governance.consent.grant(
    patients.map((subject) => ({ ...consent, subject })),
    Date.now() - 1000,
  );
  for (const subject of WITHDRAWN) {
    await governance.consent.withdraw({ ...consent, subject }, Date.now());
  }
  truth = await visitTruth((patient) => !WITHDRAWN.includes(patient));
  gate = await governance.openGate({ steps });
  const host = { host: '127.0.0.1', port: 0, version: 'test', logLevel: 'silent' } as const;
  gateway = await serveGate({ gate, ...host, requestsPerMinute: MANY });
}, 300_000);
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await gate[Symbol.asyncDispose]();
  await vault.close();
  await rm(root, { recursive: true, force: true });
});

/** The rows of the gate's answer, or why it refuses. */
async function ask(sql: string, verified: boolean, overHttp: boolean): Promise<string> {
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
}

/** Codes of the outcomes in the log: what its owner is told. */
async function outcomes(from: number): Promise<(string | undefined)[]> {
  const log = governance.log['log'];
  const codes: (string | undefined)[] = [];
  for (let index = from; index < log.head.size; index++) {
    const { kind, opened } = await log.read(index);
    if (kind !== 'release.outcome') continue;
    codes.push((JSON.parse(new TextDecoder().decode(opened[0]!.content)) as { code?: string }).code);
  }
  return codes;
}

describe('a malicious store behind the gate', () => {
  it.each(QUERIES)('is believed where it is honest: %s', async (sql) => {
    store.tamper = undefined;
    expect(await ask(sql, true, true)).toBe(truth.get(sql));
    expect(await ask(sql, false, false)).toBe(truth.get(sql));
  });

  it(`is refused in ${ROUNDS} of ${ROUNDS} tamperings, each of which changes what leaves unverified`, async () => {
    let refused = 0;
    for (const { round, name, tamper, believed: isBelieved, sql, seed } of tamperingRounds(
      ROUNDS,
      draws(8_20_261_127),
    )) {
      const at = `${round}: ${name}: ${sql}`;
      const overHttp = round % OVER_HTTP === 0;
      store.tamper = tamper;
      store.draw = draws(seed);
      const believed = await ask(sql, false, overHttp);
      expect(believed, at).not.toBe(truth.get(sql));
      if (isBelieved) expect(believed, at).toMatch(/^\[/);
      store.draw = draws(seed);
      expect(await ask(sql, true, overHttp), at).toBe(UNIFORM);
      store.tamper = undefined;
      expect(await vault.frozenSince(), at).toBeInstanceOf(Date);
      await vault.liftFreeze();
      refused++;
    }
    expect(refused).toBe(ROUNDS);
  }, 600_000);

  it('is refused at an old epoch', async () => {
    store.rollsBack = true;
    for (const sql of QUERIES) expect(await ask(sql, true, true)).toBe(UNIFORM);
    store.rollsBack = false;
    expect(await ask(QUERIES[0]!, true, true)).toBe(truth.get(QUERIES[0]!));
  });

  it('freezes what it would release until its owner lifts that, and both are in the log', async () => {
    const [sql] = QUERIES as [string];
    const before = governance.log['log'].head.size;
    store.tamper = TAMPERING_CASES[0]!.tamper;
    expect(await ask(sql, true, true)).toBe(UNIFORM);
    store.tamper = undefined;
    // Of the store's honest answers nothing leaves either, whoever asks and however often.
    for (const one of QUERIES) expect(await ask(one, true, true)).toBe(UNIFORM);
    expect(await outcomes(before)).toEqual(['ANSWER_FALSIFIED']);
    // It is durable.
    const frozen = await vault.frozenSince();
    expect(await vault['folder'].release!.frozenSince()).toEqual(frozen);
    await vault.liftFreeze();
    expect(await ask(sql, true, true)).toBe(truth.get(sql));
    const { size } = governance.log['log'].head;
    const kinds: string[] = [];
    for (let index = before; index < size; index++) {
      kinds.push((await governance.log['log'].read(index)).kind);
    }
    expect(kinds).toEqual([
      'release.intent',
      'release.outcome',
      ...QUERIES.map(() => 'release.denied'),
      'release.lift',
      'release.intent',
      'release.outcome',
    ]);
  });
});
