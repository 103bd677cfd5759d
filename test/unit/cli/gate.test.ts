import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyProof, parseProof } from '../../../src/audit/tlog-proof.ts';
import { fromBase64 } from '../../../src/bytes/base64.ts';
import { utf8 } from '../../../src/bytes/codec.ts';
import { parseKey } from '../../../src/bytes/note-key.ts';
import type { PolicyDocument } from '../../../src/policy/document.ts';
import { startProgram, type Program } from '../../support/programs.ts';
import { sealCheaply } from '../../support/seal-cheaply.ts';
import { opaline, type Run } from './run.ts';

const PASSPHRASE = 'a long enough passphrase';
const PATIENTS = Array.from({ length: 12 }, (_, i) => `p${i}`);
const SCHEMA = {
  version: 1,
  table: 'visits',
  subject: 'patient',
  columns: [
    { name: 'patient', type: 'text' },
    { name: 'ward', type: 'text' },
    { name: 'days', type: 'integer' },
    { name: 'cost', type: 'integer' },
  ],
};
const SUM = 'SELECT ward, SUM(days) FROM visits GROUP BY ward ORDER BY ward';

// One story, each command run on what the one before it left; many of them in some of its parts.
describe('a vault with a policy', { timeout: 600_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'opaline-gate-cli-'));
  const vault = join(folder, 'vault');
  const running: Program[] = [];
  let gate = '';
  let token = '';

  afterAll(async () => {
    for (const program of running) await program[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  const cli = (args: string[], env: Record<string, string> = {}): Promise<Run> =>
    opaline(args, { env: { OPALINE_PASSPHRASE: PASSPHRASE, ...env } });

  async function done(args: string[], env: Record<string, string> = {}): Promise<string> {
    const { code, stdout, stderr } = await cli(args, env);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    return stdout.replace(/\n$/, '');
  }

  function file(name: string, content: string): string {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  }

  /** Without passphrase or vault: as somebody else asks. */
  const ask = (sql: string, secret = token): Promise<Run> =>
    opaline(['query', gate, sql, '--purpose', 'stay', '--format', 'json'], {
      cwd: folder,
      env: { OPALINE_TOKEN: secret },
    });

  async function rows(sql: string): Promise<unknown> {
    const { stdout, stderr } = await ask(sql);
    return stdout === '' ? stderr : (JSON.parse(stdout) as { rows: unknown }).rows;
  }

  const expected = (keeps: (patient: string) => boolean): string[][] =>
    ['a', 'b'].map((ward, i) => {
      const days = PATIENTS.flatMap((patient, n) => (n % 2 === i && keeps(patient) ? [n] : []));
      return [ward, `${days.reduce((sum, day) => sum + day, 0)}`];
    });

  /** Of twelve patients three are enough for a figure, and for what it tells of with others. */
  function settle(path: string): void {
    mkdirSync(join(path, 'releases'), { recursive: true, mode: 0o700 });
    const settings = JSON.stringify({ visits: { mode: 'exact', floor: 3 } });
    writeFileSync(join(path, 'releases', 'settings.json'), settings);
  }

  async function serve(path: string): Promise<void> {
    settle(path);
    const secret = file('passphrase', `${PASSPHRASE}\n`);
    const program = startProgram([
      'gate',
      'serve',
      path,
      '--port',
      '0',
      '--passphrase-file',
      secret,
    ]);
    running.push(program);
    [, gate = ''] = await program.says(/answers at (http:\S+); stop/);
  }

  const sign = async (document: PolicyDocument): Promise<string> =>
    await done([
      'policy',
      'sign',
      vault,
      file('policy.json', JSON.stringify(document)),
      '--key',
      join(folder, 'officer.key'),
    ]);

  let draft: PolicyDocument;

  beforeAll(async () => {
    await done(['init', vault, '--store', join(folder, 'store')]);
    await sealCheaply(vault, PASSPHRASE);
    const lines = PATIENTS.map((patient, i) => `${patient},${'ab'[i % 2]!},${i},${100 + i}\n`);
    const csv = file('visits.csv', `patient,ward,days,cost\n${lines.join('')}`);
    const schema = file('schema.json', JSON.stringify(SCHEMA));
    await done(['ingest', vault, csv, '--schema', schema]);
  });

  test('policy init: from now on the vault’s owner too is referred to the gate', async () => {
    const officer = await done(['policy', 'key', 'officer', join(folder, 'officer.key')]);
    expect(parseKey(officer).name).toBe('officer');
    const again = await cli(['policy', 'key', 'officer', join(folder, 'officer.key')]);
    expect(again).toMatchObject({ code: 2, stdout: '' });
    const printed = await done(['policy', 'init', vault, '--officer', officer]);
    draft = JSON.parse(printed) as PolicyDocument;
    expect(draft.purposes['purpose-1']).toMatchObject({ table: 'visits' });
    const refused = await cli(['query', vault, SUM]);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(/^opaline: DENIED: [^\n]*ask its gate[^\n]*\n$/);
    expect((await cli(['policy', 'init', vault, '--officer', officer])).stderr).toMatch(/USAGE/);
    expect((await cli(['policy', 'show', vault])).stderr).toMatch(/none is signed yet/);
  });

  test('policy check, sign and show', async () => {
    const purpose = {
      ...draft.purposes['purpose-1']!,
      fields: ['ward', 'days'],
      consent: { notices: ['2'] },
    };
    const rule = { principals: ['ana'], purposes: ['stay'], operations: ['aggregate' as const] };
    const policy: PolicyDocument = {
      ...draft,
      cohort: 3,
      purposes: { stay: purpose },
      rules: [{ effect: 'allow', ...rule }],
    };
    const path = file('draft.json', JSON.stringify(policy));
    expect(await done(['policy', 'check', path])).toMatch(/^revision 1: 1 purposes?, 1 rules?/);
    const wrong = file('wrong.json', JSON.stringify({ ...policy, cohort: 0 }));
    expect((await cli(['policy', 'check', wrong])).stderr).toMatch(/POLICY_INVALID: [^\n]*cohort/);
    await done(['policy', 'key', 'officer', join(folder, 'other.key')]);
    const forged = await cli(['policy', 'sign', vault, path, '--key', join(folder, 'other.key')]);
    expect(forged.stderr).toMatch(/POLICY_INVALID/);
    expect(await sign(policy)).toBe('revision 1 is in force');
    expect(JSON.parse(await done(['policy', 'show', vault]))).toEqual(policy);
    draft = policy;
  });

  test('consent and principals, and the answer over HTTP', async () => {
    const consents = PATIENTS.map((subject) =>
      JSON.stringify({ subject, purpose: 'stay', notice: '2' }),
    );
    const lines = file('consents.jsonl', consents.join('\n'));
    expect(await done(['consent', 'import', vault, lines])).toBe('12 consents');
    token = await done(['principal', 'add', vault, 'ana']);
    expect(token).toMatch(/^opg_[0-9a-f]{16}_[0-9a-f]{64}$/);
    await serve(vault);
    expect(await rows(SUM)).toEqual(expected(() => true));
    const { stderr } = await opaline(['query', gate, SUM, '--purpose', 'stay'], {
      env: { OPALINE_TOKEN: token },
    });
    expect(stderr).toMatch(/^Released as entry \d+ of the gate’s log/);
    expect(await rows('SELECT SUM(cost) FROM visits')).toMatch(/^opaline: DENIED: [^\n]*"cost"/);
    expect(await rows('SELECT ward FROM visits')).toMatch(/^opaline: DENIED: /);
    expect((await ask(SUM, 'opg_guess')).stderr).toMatch(/^opaline: GATE_UNAUTHORIZED: /);
  });

  test('an address and a token are all that it takes, and what it takes', async () => {
    const asks = async (args: string[], env: Record<string, string>): Promise<string> =>
      (await opaline(args, { cwd: folder, env })).stderr;
    const both = { OPALINE_TOKEN: token };
    expect(await asks(['query', gate, SUM], both)).toMatch(/USAGE: [^\n]*--purpose/);
    expect(await asks(['query', gate, SUM, '--purpose', 'stay'], {})).toMatch(/OPALINE_TOKEN/);
    expect(await asks(['query', gate, '--file', '-', '--purpose', 'stay'], both)).toMatch(/USAGE/);
    const nobody = ['query', 'http://127.0.0.1:1', SUM, '--purpose', 'stay'];
    expect(await asks(nobody, both)).toMatch(/GATE_UNREACHABLE/);
  });

  const gone = ['p7', 'p9', 'p11'];
  const stayed = (patient: string): boolean => !gone.includes(patient);

  test('who withdraws beside the running gate is not in the next answer; the receipt proves it', async () => {
    for (const patient of gone) {
      expect(await done(['consent', 'withdraw', vault, patient, '--purpose', 'stay'])).toBe(
        '1 withdrawn',
      );
    }
    expect(await rows(SUM)).toEqual(expected(stayed));
    const graph = JSON.parse(await done(['consent', 'export', vault, '--subject', 'p11'])) as {
      '@graph': { 'dct:identifier': string }[];
    };
    const receipt = JSON.parse(
      await done(['consent', 'receipt', vault, graph['@graph'][0]!['dct:identifier']]),
    ) as { 'schema:encoding': { 'schema:identifier': string; 'schema:text': string }[] };
    const key = parseKey(readFileSync(join(vault, 'governance', 'log', 'key'), 'utf8').trim());
    expect(receipt['schema:encoding']).toHaveLength(2);
    for (const { 'schema:identifier': entry, 'schema:text': proof } of receipt['schema:encoding']) {
      const parsed = parseProof(utf8(proof));
      expect(verifyProof(parsed, fromBase64(entry, 'entry'), key).size).toBeGreaterThan(
        parsed.index,
      );
    }
  });

  test('a purpose that asks for approval, approved by another', async () => {
    const purpose = { ...draft.purposes['stay']!, approvals: 1 };
    await sign({ ...draft, revision: 2, purposes: { stay: purpose } });
    const asked = await ask(SUM);
    const [, request] = /^opaline: APPROVAL_NEEDED: request ([0-9a-f]{64})/.exec(asked.stderr)!;
    const key = join(folder, 'kim.key');
    const publicKey = await done(['policy', 'key', 'kim', key]);
    await done(['principal', 'add', vault, 'kim', '--role', 'approver', '--key', publicKey]);
    const listed = JSON.parse(await done(['approve', vault])) as object;
    expect(listed).toMatchObject({ request, principal: 'ana', sql: SUM, given: [] });
    expect(await done(['approve', vault, request!, '--key', key])).toBe('approved by kim');
    expect(await rows(SUM)).toEqual(expected(stayed));
    expect((await ask(SUM)).stderr).toMatch(/APPROVAL_NEEDED/);
    await sign({ ...draft, revision: 3 });
  });

  test('a backup has policy, principals, consents and log; the store’s part is where it was', async () => {
    const backup = join(folder, 'vault.backup');
    await done(['backup', vault, backup]);
    const gateOf = running.at(-1)!;
    expect(await gateOf.end('SIGINT')).toBe(0);
    rmSync(vault, { recursive: true });
    const restored = await cli(['restore', vault, backup]);
    expect(restored).toMatchObject({ code: 0 });
    expect(restored.stderr).toMatch(/withdraw and revoke again/);
    expect(readdirSync(join(vault, 'governance')).sort()).toEqual([
      'approvals.opal',
      'consent.opal',
      'log',
      'officers.opal',
      'policy-1.note',
      'policy-2.note',
      'policy-3.note',
      'principals.opal',
      'uses.opal',
    ]);
    await serve(vault);
    expect(await rows(SUM)).toEqual(expected(stayed));
    const verified = await cli(['audit', 'verify', join(vault, 'governance', 'log')]);
    expect(verified).toMatchObject({ code: 0 });
  });

  test('whoever is revoked is refused at once', async () => {
    expect(await done(['principal', 'list', vault])).toMatch(/ana/);
    await done(['principal', 'revoke', vault, 'ana']);
    expect(await rows(SUM)).toMatch(/^opaline: GATE_UNAUTHORIZED: /);
    expect(await done(['principal', 'list', vault])).toMatch(/revoked/);
  });

  test('a vault does not lose its policy with the files of it', async () => {
    await running.at(-1)!.end('SIGTERM');
    rmSync(join(vault, 'governance'), { recursive: true });
    const asked = await cli(['query', vault, SUM]);
    expect(asked).toMatchObject({ code: 1, stdout: '' });
    expect(asked.stderr).toMatch(/^opaline: DENIED: /);
  });

  test('what the gate wrote to its own log names no query and no token', () => {
    for (const program of running) {
      const said = program.stderr();
      expect(said).not.toContain(token);
      expect(said).not.toContain('SELECT');
    }
    expect(running.some((program) => program.stderr().includes('/v1/query'))).toBe(true);
  });
});
