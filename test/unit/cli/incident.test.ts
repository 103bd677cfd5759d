import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatSigner } from '../../../src/bytes/note-signer.ts';
import { createStore, openStore } from '../../../src/client/store-address.ts';
import { ask, type Governed, governedVault, OPEN_GUARD } from '../../gate/support/governed.ts';
import { PASSPHRASE } from '../../support/vaults.ts';
import { opaline, type Run } from './run.ts';

const COUNT = 'SELECT COUNT(*) FROM visits';

interface Shown {
  readonly state: string;
  readonly pending: readonly string[];
  readonly notice: { readonly due: string };
  readonly measures: readonly { readonly kind: string; readonly what: string }[];
}

// One story, each command run on what the one before it left.
describe('opaline incident', { timeout: 300_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'opaline-incident-'));
  const store = join(folder, 'store');
  const keyFile = join(folder, 'officer.key');
  let governed: Governed;
  let id = '';

  beforeAll(async () => {
    await createStore(store, '');
    governed = await governedVault({ link: await openStore(store, '', 0) });
    const { name, secret } = governed.officer;
    writeFileSync(keyFile, `${formatSigner(name, secret)}\n`);
    await using gate = await governed.openGate({ guard: OPEN_GUARD });
    await gate.answer(ask(governed.token, COUNT));
  });
  afterAll(async () => {
    await governed[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  const cli = (command: string, ...rest: string[]): Promise<Run> =>
    opaline(['incident', command, governed.path, ...rest, '--store', store], {
      env: { OPALINE_PASSPHRASE: PASSPHRASE },
    });

  test('open freezes a gate that runs, revokes and replaces keys, and prints the id', async () => {
    await using gate = await governed.openGate({ guard: OPEN_GUARD });
    const run = await cli(
      'open',
      '--reason',
      'a token leaked',
      '--principal',
      'ana',
      '--by',
      'moss',
    );
    expect(run).toMatchObject({ code: 0 });
    expect(run.stdout).toMatch(/^[0-9a-f]{16}\n$/);
    id = run.stdout.trim();
    expect(run.stderr).toContain(`Incident ${id} is open; the gate is frozen.`);
    const eve = await governed.governance.principals.add(
      { name: 'eve', kind: 'staff', roles: ['analyst'], expires: null },
      Date.now(),
    );
    await expect(gate.answer(ask(eve, COUNT))).rejects.toMatchObject({
      code: 'DENIED',
      details: { reason: `frozen by incident ${id}` },
    });
  });

  test('list and show tell its state and its deadline', async () => {
    const list = await cli('list');
    expect(list).toMatchObject({ code: 0, stderr: '' });
    expect(list.stdout).toMatch(
      new RegExp(`^${id} .*frozen .*h \\d+ min left .*a token leaked`, 'm'),
    );
    const shown = JSON.parse((await cli('show', id)).stdout) as Shown;
    expect(shown).toMatchObject({
      state: 'frozen',
      pending: [],
      measures: [
        { kind: 'freeze', what: '' },
        { kind: 'revoke', what: 'ana' },
        { kind: 'rotate', what: 'visits' },
      ],
    });
  });

  test('scope names who is concerned, in JSON alone', async () => {
    const text = await cli('scope', id);
    expect(text).toMatchObject({ code: 0, stderr: '' });
    expect(text.stdout).toContain('30 people whose data went into something that left');
    expect(text.stdout).not.toMatch(/\bp17\b/);
    const json = JSON.parse(
      (await cli('scope', id, '--since', '2000-01-01', '--format', 'json')).stdout,
    ) as {
      readonly subjects: readonly { readonly name: string }[];
      readonly releases: readonly object[];
    };
    expect(json.subjects).toHaveLength(30);
    expect(json.releases).toMatchObject([{ principal: 'ana', outcome: 'released' }]);
  });

  test('audit watch tells its entries, of the vault’s folder', async () => {
    const run = await opaline(['audit', 'watch', governed.path, '--once']);
    expect(run).toMatchObject({ code: 0 });
    expect(run.stdout).toMatch(/: \d+ entries, .*incident\.measure 3, incident\.open 1, /);
  });

  test('notice drafts a page', async () => {
    const file = join(folder, 'notice.html');
    const run = await cli('notice', id, '--to', 'subjects', '--out', file);
    expect(run).toMatchObject({ code: 0, stdout: `${file}\n`, stderr: '' });
    expect(readFileSync(file, 'utf8')).toMatch(/^<!doctype html>/);
  });

  test('close needs an officer', async () => {
    const other = join(folder, 'other.key');
    writeFileSync(other, `${formatSigner('officer', new Uint8Array(32).fill(1))}\n`);
    const refused = await cli('close', id, '--measures', 'none', '--key', other);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(/^opaline: POLICY_INVALID: [^\n]*no officer signed[^\n]*\n$/);
    const closed = await cli('close', id, '--measures', 'the token was replaced', '--key', keyFile);
    expect(closed).toMatchObject({ code: 0, stdout: `${id} closed by officer\n`, stderr: '' });
    expect(await governed.governance.incidents.records.frozenBy()).toBeUndefined();
  });

  test.each<[string, string[], RegExp]>([
    ['no reason', ['open'], /--reason/],
    ['a time that is none', ['scope', '0'.repeat(16), '--since', 'yesterday'], /instant/],
  ])('of %s is refused as usage', async (_, [command = '', ...rest], text) => {
    const run = await cli(command, ...rest);
    expect(run).toMatchObject({ code: 2, stdout: '' });
    expect(run.stderr).toMatch(text);
  });
});
