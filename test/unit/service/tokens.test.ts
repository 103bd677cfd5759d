import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { PATHS } from '../../../src/store/protocol.ts';
import { Tokens } from '../../../src/service/tokens.ts';
import { OCTETS, startService, type TestService } from '../../support/service.ts';
import { opaline } from '../cli/run.ts';

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

let folder: string;
let tokens: Tokens;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'opaline-tokens-'));
  folders.push(folder);
  tokens = new Tokens(folder);
});

const NOW = new Date('2026-01-02T03:04:05Z');
const LATER = new Date('2026-01-03T03:04:05Z');
const file = (): string => join(folder, 'tokens.json');

describe('tokens', () => {
  it('are needed once there has been one, also when none is left', async () => {
    expect(await tokens.required()).toBe(false);
    const token = await tokens.add('ana', ['read'], null);
    expect(await tokens.required()).toBe(true);
    expect(await tokens.scopesOf(token, NOW)).toEqual(['read']);
    await tokens.revoke((await tokens.list())[0]!.id);
    expect(await tokens.scopesOf(token, NOW)).toBeUndefined();
    expect(await tokens.required()).toBe(true);
  });

  it('are kept as hashes, in a file that others cannot read', async () => {
    const token = await tokens.add('ana', ['read', 'write'], LATER);
    const secret = token.split('_')[2]!;
    expect(secret).toMatch(/^[0-9a-f]{64}$/);
    const text = readFileSync(file(), 'utf8');
    for (const form of [secret, Buffer.from(secret, 'hex').toString('base64'), token]) {
      expect(text).not.toContain(form);
    }
    expect(statSync(file()).mode & 0o077).toBe(0);
    expect(JSON.stringify(await tokens.list())).not.toContain(secret);
  });

  it('expire, to the moment', async () => {
    const token = await tokens.add('ana', ['read'], LATER);
    expect(await tokens.scopesOf(token, new Date(LATER.getTime() - 1))).toEqual(['read']);
    expect(await tokens.scopesOf(token, LATER)).toBeUndefined();
  });

  it('of other secrets, ids and forms are none', async () => {
    const token = await tokens.add('ana', ['read'], null);
    const other = await tokens.add('ben', ['write'], null);
    const [mark, id, secret] = token.split('_') as [string, string, string];
    const wrong = secret.replace(/^./, (c) => (c === '0' ? '1' : '0'));
    for (const presented of [
      `${mark}_${id}_${wrong}`,
      `${mark}_${other.split('_')[1]}_${secret}`,
      `${mark}_${'0'.repeat(16)}_${'0'.repeat(64)}`,
      token.toUpperCase(),
      ` ${token}`,
      `${token}0`,
      '',
    ]) {
      expect(await tokens.scopesOf(presented, NOW)).toBeUndefined();
    }
  });

  it('added or revoked by another process are seen at the next request', async () => {
    const elsewhere = new Tokens(folder);
    const token = await elsewhere.add('ana', ['read'], null);
    expect(await tokens.scopesOf(token, NOW)).toEqual(['read']);
    await elsewhere.revoke((await elsewhere.list())[0]!.id);
    expect(await tokens.scopesOf(token, NOW)).toBeUndefined();
  });

  it.each([
    ['emptied', ''],
    ['cut', '{"version":1,"tok'],
    ['of another version', '{"version":2,"tokens":[]}'],
    ['with an unknown scope', '{"version":1,"tokens":[{"scopes":["all"]}]}'],
  ])('in a file that was %s open nothing', async (_, text) => {
    const token = await tokens.add('ana', ['read'], null);
    writeFileSync(file(), text);
    await expect(tokens.required()).rejects.toMatchObject({ code: 'STORE_IO' });
    await expect(tokens.scopesOf(token, NOW)).rejects.toMatchObject({ code: 'STORE_IO' });
    await expect(tokens.add('ben', ['read'], null)).rejects.toMatchObject({ code: 'STORE_IO' });
  });

  it('in a file that has gone while the service runs open nothing', async () => {
    await tokens.add('ana', ['read'], null);
    expect(await tokens.required()).toBe(true);
    rmSync(file());
    await expect(tokens.required()).rejects.toMatchObject({ code: 'STORE_IO' });
  });

  it.skipIf(process.getuid?.() === 0 || process.platform === 'win32')(
    'in a folder that cannot be read open nothing',
    async () => {
      await tokens.add('ana', ['read'], null);
      chmodSync(folder, 0);
      try {
        await expect(new Tokens(folder).required()).rejects.toMatchObject({ code: 'STORE_IO' });
      } finally {
        chmodSync(folder, 0o700);
      }
    },
  );
});

describe('a service', () => {
  const get = async (service: TestService, token?: string): Promise<unknown> => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const { status, json } = await service.send('GET', PATHS.tables, { headers });
    return status === 200 ? status : `${status} ${(json as { code: string }).code}`;
  };

  it('without tokens answers this machine under its own names alone', async () => {
    await using service = await startService();
    const from = async (headers: Record<string, string>): Promise<number> =>
      (await service.send('GET', PATHS.tables, { headers })).status;
    for (const host of ['localhost', 'localhost:8787', '127.0.0.1:1', '[::1]:1', '127.3.2.1']) {
      expect(await from({ host })).toBe(200);
    }
    // A name that an attacker's page made resolve to this machine, and the like.
    for (const host of [
      'evil.example',
      'evil.example:8787',
      '127.0.0.1.evil.example',
      '10.0.0.1',
    ]) {
      expect(await from({ host })).toBe(401);
    }
    expect(await from({ origin: 'https://evil.example' })).toBe(401);
    expect(await from({ 'x-forwarded-for': '203.0.113.7' })).toBe(401);
    expect(await from({ forwarded: 'for=203.0.113.7' })).toBe(401);
  });

  it('without tokens does not start where others reach it', async () => {
    for (const host of ['0.0.0.0', '::', '192.0.2.1', 'example.org', '127.evil.example']) {
      const started = startService({ host, port: 1 });
      await expect(started).rejects.toMatchObject({ code: 'USAGE' });
    }
  });

  it('asks for a token on every route once there is one, at once', async () => {
    await using service = await startService();
    expect(await get(service)).toBe(200);
    const token = await service.tokens.add('ana', ['read'], null);
    expect(await get(service)).toBe('401 STORE_UNAUTHORIZED');
    expect(await get(service, token)).toBe(200);
    expect(await get(service, `${token.slice(0, -1)}x`)).toBe('401 STORE_UNAUTHORIZED');
    const id = '0'.repeat(32);
    const routes: [string, string][] = [
      ['GET', PATHS.tables],
      ['GET', PATHS.head(id)],
      ['GET', PATHS.parts(id)],
      ['POST', PATHS.search],
      ['POST', PATHS.aggregate],
      ['POST', PATHS.fetch],
      ['PUT', PATHS.head(id)],
      ['PUT', PATHS.part(id, id)],
      ['GET', PATHS.part(id, id)],
      ['POST', PATHS.removals(id)],
    ];
    for (const [method, path] of routes) {
      // Before the body or the query is looked at.
      const { status, json } = await service.send(method, path, { headers: OCTETS, body: 'x' });
      expect({ path, status, json }).toMatchObject({
        status: 401,
        json: { code: 'STORE_UNAUTHORIZED' },
      });
    }
    await service.tokens.revoke((await service.tokens.list())[0]!.id);
    expect(await get(service, token)).toBe('401 STORE_UNAUTHORIZED');
  });

  it('lets a token do what its scope says', async () => {
    await using service = await startService();
    const reader = await service.tokens.add('reader', ['read'], null);
    const writer = await service.tokens.add('writer', ['write'], null);
    const id = '0'.repeat(32);
    const call = async (token: string, method: string, path: string): Promise<unknown> => {
      const headers = { ...OCTETS, authorization: `Bearer ${token}` };
      const { status, json } = await service.send(method, path, { headers, body: 'x' });
      return status === 403 ? (json as { details: unknown }).details : status;
    };
    const may = { store: 'at this address' };
    expect(await call(reader, 'PUT', `${PATHS.head(id)}?expected=0`)).toEqual({
      ...may,
      scope: 'write',
    });
    expect(await call(reader, 'POST', PATHS.removals(id))).toEqual({ ...may, scope: 'write' });
    expect(await call(writer, 'POST', PATHS.aggregate)).toEqual({ ...may, scope: 'read' });
    expect(await call(writer, 'GET', PATHS.tables)).toEqual({ ...may, scope: 'read' });
    expect(await call(writer, 'PUT', `${PATHS.head(id)}?expected=0`)).toBe(400);
    expect(await call(reader, 'POST', PATHS.aggregate)).toBe(400);
  });

  it('refuses an expired token', async () => {
    await using service = await startService();
    const token = await service.tokens.add('ana', ['read'], new Date(Date.now() - 1));
    expect(await get(service, token)).toBe('401 STORE_UNAUTHORIZED');
  });

  it('refuses everybody when its tokens are damaged', async () => {
    await using service = await startService();
    const token = await service.tokens.add('ana', ['read'], null);
    expect(await get(service, token)).toBe(200);
    writeFileSync(join(service.folder, 'tokens.json'), '{');
    expect(await get(service, token)).toBe('500 STORE_IO');
    expect(await get(service)).toBe('500 STORE_IO');
  });

  it('with a token may listen where others reach it, and then trusts no address', async () => {
    await tokens.add('ana', ['read'], null);
    await using service = await startService({ folder, host: '0.0.0.0' });
    expect(await get(service)).toBe('401 STORE_UNAUTHORIZED');
  });
});

describe('opaline store-token', () => {
  it('adds, lists without secrets, revokes', async () => {
    const added = await opaline(['store-token', 'add', folder, '--name', 'ana', '--days', '2']);
    expect(added.code).toBe(0);
    expect(added.stdout).toMatch(/^opal_[0-9a-f]{16}_[0-9a-f]{64}\n$/);
    const [, id, secret] = added.stdout.trim().split('_') as [string, string, string];
    const listed = await opaline(['store-token', 'list', folder]);
    expect(listed.stdout).toMatch(new RegExp(`^${id} +ana +read,write +2\\S+Z +2\\S+Z *$`, 'm'));
    expect(listed.stdout + listed.stderr + added.stderr).not.toContain(secret);
    expect(await opaline(['store-token', 'revoke', folder, id])).toMatchObject({
      code: 0,
      stdout: `${id} revoked\n`,
    });
    const again = await opaline(['store-token', 'revoke', folder, id]);
    expect(again).toMatchObject({ code: 2 });
    const scope = await opaline(['store-token', 'add', folder, '--scope', 'admin']);
    expect(scope).toMatchObject({ code: 2, stdout: '' });
    expect(scope.stderr).toMatch(/^opaline: USAGE: --scope: one or more of read, write, work\n/);
  });
});
