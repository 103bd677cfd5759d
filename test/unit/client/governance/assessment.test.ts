import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Vault } from '../../../../src/client/api.ts';
import { assessVault } from '../../../../src/client/governance/assessment/assess-vault.ts';
import type { Checked } from '../../../../src/client/governance/assessment/checks/check.ts';
import {
  indexesDeclared,
  keysApart,
  storeTransport,
} from '../../../../src/client/governance/assessment/checks/store-checks.ts';
import { securityOf } from '../../../../src/client/governance/assessment/checks/vault-checks.ts';
import {
  governanceOf,
  policyInForce,
} from '../../../../src/client/governance/assessment/governance.ts';
import { type Inside, openInside } from '../../../../src/client/governance/assessment/inside.ts';
import { readAssessment } from '../../../../src/client/governance/assessment/record-file.ts';
import { VaultAssessmentState } from '../../../../src/client/governance/assessment/state.ts';
import { createVault } from '../../../../src/client/open-vault.ts';
import type { OpenTable } from '../../../../src/gate/open-table.ts';
import { sumParameters } from '../../../../src/params/presets.ts';
import type { Purpose } from '../../../../src/policy/document.ts';
import { parseSchema } from '../../../../src/table/schema-json.ts';
import { BEDS, CONTEXT, govern, POLICY, putPolicy, SCHEMA } from '../../../support/assessed.ts';
import { sha256 } from '../../../../src/bytes/hash.ts';
import { PASSPHRASE, tempVault } from '../../../support/vaults.ts';
import { LEAST_COST } from '../../../../src/keys/kdf.ts';

const YEAR_MS = 365 * 86_400_000;
const NOW = Date.UTC(2026, 0, 1);

let folder: string;
let vault: Vault;
let path: string;
let inside: Inside;
let state: VaultAssessmentState;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'opaline-assessed-'));
  path = join(folder, 'vault');
  const store = join(folder, 'store');
  vault = await createVault(path, {
    store,
    passphrase: PASSPHRASE,
    passphraseCost: LEAST_COST,
    threads: 0,
  });
  await vault.ingest(SCHEMA, [
    { patient: 'Weatherwax', ward: 'B2', days: 3 },
    { patient: 'Ogg', ward: 'A1', days: 5 },
  ]);
  await govern(path, PASSPHRASE);
  inside = await openInside(path, { passphrase: PASSPHRASE, threads: 0 });
  state = new VaultAssessmentState({
    folder: inside.folder,
    store: inside.link.address,
    tables: () => inside.tables(),
    policy: () => policyInForce(inside.folder),
  });
});
afterAll(async () => {
  await inside[Symbol.asyncDispose]();
  await vault.close();
  await rm(folder, { recursive: true, force: true });
});

const assess = (more = {}) =>
  assessVault(
    path,
    { passphrase: PASSPHRASE, threads: 0 },
    { context: { ...CONTEXT, ...more }, now: () => NOW },
  );
/** Run under a policy by which a table may be collected without asking; the policy of before follows. */
const collecting = async (beds: Purpose, run: () => Promise<unknown>): Promise<void> => {
  await putPolicy(path, { ...POLICY, purposes: { beds } });
  await run();
  await putPolicy(path, POLICY);
};
const why = async (now = NOW): Promise<string> => {
  const status = await state.status(now);
  return status.current ? 'current' : status.reason.kind;
};

describe('what a gate is told of the assessment, in this order', () => {
  test('none, until there is one; then it is current for a year', async () => {
    expect(await why()).toBe('none');
    const { logged, expires } = await assess();
    expect(logged).toMatchObject({ entry: 18 });
    expect(await state.status(NOW)).toEqual({ current: true, until: expires });
    expect(await why(NOW + YEAR_MS - 1)).toBe('current');
    expect(await why(NOW + YEAR_MS)).toBe('expired');
    expect(await why(NOW - 1)).toBe('not-yet');
  });

  test('rows do not change its scope', async () => {
    await collecting({ ...BEDS, consent: null }, () =>
      vault.ingest(SCHEMA, [{ patient: 'Garlick', ward: 'A1', days: 1 }], { append: true }),
    );
    expect(await why()).toBe('current');
  });

  test('a purpose with one more field does', async () => {
    const beds = { ...BEDS, fields: [...BEDS.fields, 'patient'] };
    await putPolicy(path, { ...POLICY, purposes: { beds } });
    expect(await why()).toBe('scope-changed');
    await putPolicy(path, POLICY);
    expect(await why()).toBe('current');
  });

  test('another table does, until it is assessed too', async () => {
    await collecting({ ...BEDS, table: 'stays', fields: ['nights'], consent: null }, () =>
      vault.ingest(
        { version: 1, table: 'stays', columns: { nights: { type: 'integer', category: 'none' } } },
        [{ nights: 1 }],
      ),
    );
    expect(await why()).toBe('scope-changed');
    await assess();
    expect(await why()).toBe('current');
  });

  test('a processor’s end, and a risk to be stopped, are refusals', async () => {
    const processor = {
      name: 'Cloud',
      role: 'runs the store',
      legalBasis: 'contract',
      region: 'EU',
      certificate: 'no. 1',
      expires: '2026-06-01T00:00:00Z',
    };
    await assess({ processors: [processor] });
    expect(await why()).toBe('current');
    expect(await why(Date.parse(processor.expires))).toBe('processor-expired');
    const worst = { likelihood: 4 as const, impact: 4 as const };
    await assess({ risks: { 'keys-lost': worst } });
    expect(await why()).toBe('stopped');
    await assess({ risks: { 'keys-lost': { ...worst, accepted: 'there is a paper copy' } } });
    expect(await why()).toBe('current');
  });

  test('a record that was altered is refused, and is no permission', async () => {
    await appendFile(join(governanceOf(path), 'assessment.opal'), 'x');
    await expect(why()).rejects.toMatchObject({ code: 'VAULT_CORRUPT' });
    await expect(readAssessment(inside.folder)).rejects.toMatchObject({ code: 'VAULT_CORRUPT' });
  });
});

describe('checks on what a vault cannot be brought to', () => {
  const checked = (address: string): Checked => ({
    inside: {
      ...inside,
      link: Object.create(inside.link, { address: { value: address } }) as never,
    },
    tables: [],
    passphrase: PASSPHRASE,
    backup: undefined,
    deep: false,
    signal: undefined,
  });

  test.each([
    ['https://store.example/x', 'passed'],
    ['http://127.0.0.1:8080', 'passed'],
    ['http://[::1]:8080', 'passed'],
    ['http://localhost', 'passed'],
    ['http://store.example', 'failed'],
    ['http://127.0.0.1.example', 'failed'],
    ['/var/store', 'passed'],
  ])('the way to %s: %s', async (address, status) => {
    expect(await storeTransport(checked(address))).toMatchObject({ status });
  });

  test.each<[string, object, RegExp | undefined]>([
    ['as it is', {}, undefined],
    [
      'with an index that is not there',
      { ward: { type: 'text', search: ['sse', 'mitra'] } },
      /^visits: the index mitra of ward is missing$/,
    ],
    [
      'without an index that is there',
      { days: { type: 'integer', search: 'sse' } },
      /^visits: the index sse-padded of days is not declared$/,
    ],
    [
      'without lists that are there',
      { ward: { type: 'text', search: [] } },
      /^visits: ward has lists \(sse\) that are not declared$/,
    ],
  ])('indexes of a schema %s', async (_, columns, found) => {
    const table = (await inside.tables()).find(({ schema }) => schema.table === 'visits')!;
    const schema = parseSchema({ ...SCHEMA, columns: { ...SCHEMA.columns, ...columns } });
    const other = Object.create(table, { schema: { value: schema } }) as OpenTable;
    const outcome = await indexesDeclared({ ...checked('/var/store'), tables: [other] });
    expect(outcome.status).toBe(found === undefined ? 'passed' : 'failed');
    if (found !== undefined) expect(outcome.found).toMatch(found);
  });

  test('keys-apart: a store on another machine, and a part there that no manifest names', async () => {
    await using remote = await tempVault('http');
    await remote.vault.ingest(SCHEMA, [{ patient: 'Ogg', ward: 'A1', days: 5 }]);
    await using own = await openInside(remote.vault.path, { passphrase: PASSPHRASE, threads: 0 });
    const tables = await own.tables();
    const one = { ...checked(''), inside: own, tables };
    expect(await keysApart(one)).toMatchObject({ status: 'passed' });
    // What is no part at all is refused by the store itself; this is one that a writer left behind.
    const { id: table, manifest } = tables[0]!;
    const part = manifest.segments[0]!.records.id;
    const [bytes] = await own.link.fetch({ table, part, asUploaded: true });
    const id = 'ab'.repeat(16);
    await own.link.put({ table, id, kind: 'records', bytes: bytes!, digest: sha256(bytes!) });
    expect(await keysApart(one)).toEqual({
      status: 'failed',
      found: 'visits: 1 parts that no manifest names',
    });
  });

  test('parameters below 128 bits fail, whatever they say of themselves', () => {
    const sum = sumParameters(48);
    expect(securityOf([sum])).toMatchObject({ status: 'passed' });
    const [prime] = sum.dataPrimes;
    const weak = { ...sum, dataPrimes: [...sum.dataPrimes, prime!] };
    expect(securityOf([sum, weak])).toMatchObject({ status: 'failed' });
    expect(securityOf([{ ...sum, n: 1000 }])).toMatchObject({ status: 'failed' });
  });
});
