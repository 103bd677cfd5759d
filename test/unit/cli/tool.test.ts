import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatSigner } from '../../../src/bytes/note-signer.ts';
import { createStore, openStore } from '../../../src/client/store-address.ts';
import { bundleHash } from '../../../src/policy/tool/bundle.ts';
import { ask, type Governed, governedVault, oracle } from '../../gate/support/governed.ts';
import { refused } from '../../gate/support/refused.ts';
import { BUNDLE, IN_WARD, RULES } from '../../gate/support/tools.ts';
import { PASSPHRASE } from '../../support/vaults.ts';
import { opaline, type Run } from './run.ts';

// One story, each command run on what the one before it left.
describe('opaline tool', { timeout: 600_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'opaline-tool-cli-'));
  const store = join(folder, 'store');
  let governed: Governed;
  let officer = '';

  beforeAll(async () => {
    await createStore(store, '');
    const link = await openStore(store, '', 0);
    governed = await governedVault({ link, policy: { rules: RULES } });
    const { name, secret } = governed.officer;
    officer = file('officer.key', `${formatSigner(name, secret)}\n`);
  });

  afterAll(async () => {
    await governed[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  function file(name: string, content: string): string {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  }

  /** `command` and what follows the vault. */
  const cli = (command: readonly string[], rest: readonly string[]): Promise<Run> =>
    opaline([...command, governed.path, ...rest, '--store', store], {
      env: { OPALINE_PASSPHRASE: PASSPHRASE },
    });

  async function done(command: readonly string[], rest: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await cli(command, rest);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    return stdout;
  }

  const bundle = (): string => file('bundle.json', JSON.stringify(BUNDLE, undefined, 2));

  test('test and certify refuse one that asks too much, and a file that is no bundle', async () => {
    const [stays, inWard] = BUNDLE.queries;
    const greedy = { ...stays!, sql: stays!.sql.replace('days)', 'cost)') };
    const path = file('greedy.json', JSON.stringify({ ...BUNDLE, queries: [greedy, inWard] }));
    const tested = await cli(['tool', 'test'], [path]);
    expect(tested.code).toBe(1);
    expect(tested.stdout).toMatch(/^bed-planner 2\.1, on \d+ synthetic rows\n/);
    expect(tested.stdout).toMatch(/stays +fields +failed +"cost"\n/);
    expect(tested.stdout).toContain('Not so: It uses no column but those that the purpose needs.');
    expect(tested.stderr).toMatch(/opaline: CHECK_FAILED: /);
    const certified = await cli(['tool', 'certify'], [path, '--officer', officer]);
    expect(certified).toMatchObject({ code: 1, stdout: '' });
    expect(certified.stderr).toMatch(/stays: fields: "cost"\n[^]*opaline: CHECK_FAILED: /);
    const none = await cli(['tool', 'test'], [file('none.json', '{"version":1}')]);
    expect(none.stderr).toMatch(/opaline: TOOL_INVALID: tool: name: /);
    expect(await done(['tool', 'list'], [])).toBe('no tools\n');
  });

  test('test, certify, list; it is answered, and after revoke it is not', async () => {
    const path = bundle();
    const printed = await done(['tool', 'test'], [path, '--format', 'json']);
    const report = JSON.parse(printed) as { readonly checks: readonly { status: string }[] };
    expect(new Set(report.checks.map(({ status }) => status))).toEqual(new Set(['passed']));
    const added = await done(['principal', 'add'], ['beds', '--kind', 'tool', '--bundle', path]);
    const token = added.trim();
    const certified = await done(['tool', 'certify'], [path, '--officer', officer, '--days', '7']);
    expect(certified).toMatch(/^bed-planner 2\.1 is certified until \S+Z: [0-9a-f]{64}\n$/);
    const [listed] = (await done(['tool', 'list'], ['--format', 'json'])).split('\n');
    expect(JSON.parse(listed!)).toMatchObject({
      name: 'bed-planner',
      bundle: bundleHash(BUNDLE),
      state: 'certified',
      revoked: null,
    });
    await using gate = await governed.openGate();
    const asking = ask(token, IN_WARD, { parameters: ['a'] });
    const { result } = await gate.answer(asking);
    expect(result.rows).toEqual(await oracle("SELECT COUNT(*) FROM visits WHERE ward = 'a'"));
    const reason = 'the contract ended';
    const revoked = await done(['tool', 'revoke'], ['bed-planner', '--reason', reason]);
    expect(revoked).toBe('bed-planner is revoked\n');
    await refused(gate.answer(asking), 'DENIED', 'revoked');
    expect(await done(['tool', 'list'], [])).toMatch(
      /^bed-planner .* revoked .* the contract ended$/m,
    );
  });

  test('revoke names no tool, a reason is missing, days are out of range: usage', async () => {
    const usage: readonly (readonly [string, readonly string[]])[] = [
      ['revoke', ['nobody', '--reason', 'x']],
      ['revoke', ['bed-planner']],
      ['certify', [bundle()]],
      ['certify', [bundle(), '--officer', officer, '--days', '0']],
    ];
    for (const [command, rest] of usage) {
      expect(await cli(['tool', command], rest)).toMatchObject({ code: 2, stdout: '' });
    }
  });
});
