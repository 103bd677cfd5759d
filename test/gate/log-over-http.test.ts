import { cp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { followLog } from '../../src/audit/follow.ts';
import { isPublicLogFile } from '../../src/audit/log-paths.ts';
import { type NoteKey, parseKey } from '../../src/bytes/note-key.ts';
import { askGate } from '../../src/gateway/ask-gate.ts';
import { RemoteLog } from '../../src/gateway/remote-log.ts';
import { opaline, type Run } from '../unit/cli/run.ts';
import { served, type Served } from './support/served.ts';

const SUM = 'SELECT ward, SUM(days) FROM visits GROUP BY ward';
const never = new AbortController().signal;

describe('the log that a gate shows', () => {
  let one: Served;
  let token = '';
  let keyText = '';
  let key: NoteKey;
  let place = '';

  beforeAll(async () => {
    one = await served();
    place = join(one.governed.path, 'governance', 'log');
    keyText = (await readFile(join(place, 'key'), 'utf8')).trim();
    key = parseKey(keyText);
    token = await add('max', ['auditor']);
  });
  afterAll(() => one[Symbol.asyncDispose]());

  const add = (name: string, roles: string[], expires: number | null = null): Promise<string> =>
    one.governed.governance.principals.add({ name, kind: 'staff', roles, expires }, Date.now());

  const log = (by = token): RemoteLog => new RemoteLog({ address: one.address, token: by }, never);
  const release = (): Promise<unknown> =>
    askGate(
      { address: one.address, token: one.governed.token },
      { purpose: 'quality', sql: SUM, parameters: [] },
      never,
    );

  test('is what its owner has, and each look continues the one before', async () => {
    const kinds = new Set<string>();
    const first = await followLog(log(), key, undefined, (_, { kind }) => kinds.add(kind));
    expect(first.bytes).toEqual(new Uint8Array(await readFile(join(place, 'checkpoint'))));
    expect(first.added).toBe(first.head.size);
    expect([...kinds]).toEqual(expect.arrayContaining(['policy.init', 'principal.add']));
    await release();
    const added: string[] = [];
    const second = await followLog(log(), key, first.head, (_, { kind }) => added.push(kind));
    expect(second.head.size).toBe(first.head.size + added.length);
    expect(added.length).toBeGreaterThan(1);
    expect((await followLog(log(), key, second.head)).added).toBe(0);
  });

  test('has no file that is sealed, and none that is not the log’s', async () => {
    const files = (await readdir(place, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(place.length + 1));
    expect(files.some((path) => path.startsWith('details/'))).toBe(true);
    const fetched = (path: string): Promise<Response> =>
      fetch(new URL(`/v1/log/${path}`, one.address), {
        headers: { authorization: `Bearer ${token}` },
      });
    const odd = [
      '',
      '../principals.opal',
      '..%2fprincipals.opal',
      '%2e%2e/principals.opal',
      'tile/0/..%2f..%2f..%2f..%2fvault.opal',
      'tile/9/000',
      'writer.lock',
      `tile/${'0'.repeat(4000)}`,
    ];
    for (const path of [...files, ...odd]) {
      const response = await fetched(path);
      const bytes = new Uint8Array(await response.arrayBuffer());
      if (files.includes(path) && isPublicLogFile(path)) {
        expect(response.status, path).toBe(200);
        expect(bytes, path).toEqual(new Uint8Array(await readFile(join(place, path))));
      } else {
        expect([400, 404], path).toContain(response.status);
        expect(bytes.length, path).toBeLessThan(500);
      }
    }
  });

  test('is for current auditors alone', async () => {
    const refused = (by: string): Promise<unknown> => log(by).read('checkpoint');
    await expect(refused(one.governed.token)).rejects.toMatchObject({ code: 'DENIED' });
    const expired = await add('ned', ['auditor'], Date.now() - 1);
    const revoked = await add('ben', ['auditor']);
    await one.governed.governance.principals.revoke('ben');
    const unknown = `opg_${'0'.repeat(16)}_${'0'.repeat(64)}`;
    for (const by of [expired, revoked, unknown, 'x']) {
      await expect(refused(by)).rejects.toMatchObject({ code: 'GATE_UNAUTHORIZED' });
    }
    expect((await fetch(new URL('/v1/log/checkpoint', one.address))).status).toBe(401);
  });

  test('is followed by audit watch, with the owner’s key and a state of one’s own', async () => {
    const state = join(one.governed.path, '..', 'seen');
    const watch = (more: readonly string[], by = token): Promise<Run> =>
      opaline(['audit', 'watch', one.address, '--once', ...more], { env: { OPALINE_TOKEN: by } });
    const pinned = ['--key', keyText, '--state', state];
    const first = await watch(pinned);
    expect(first).toMatchObject({ code: 0 });
    expect(first.stdout).toMatch(/ entries, \d+ new: .*policy\.init 1/);
    const older = join(one.governed.path, '..', 'older');
    await cp(place, older, { recursive: true });
    await add('kit', []);
    const second = await watch(pinned);
    expect(second).toMatchObject({ code: 0, stderr: '' });
    expect(second.stdout).toMatch(/ entries, 1 new: principal\.add 1\n$/);
    const newest = join(one.governed.path, '..', 'newest');
    await cp(place, newest, { recursive: true });
    const put = async (copy: string): Promise<void> => {
      await rm(place, { recursive: true });
      await cp(copy, place, { recursive: true });
    };
    await put(older);
    const rolledBack = await watch(pinned);
    expect(rolledBack).toMatchObject({ code: 1, stdout: '' });
    expect(rolledBack.stderr).toMatch(/^opaline: LOG_ROLLBACK: /);
    await put(newest);

    const unpinned = await watch(['--state', state]);
    expect(unpinned).toMatchObject({ code: 2, stdout: '' });
    expect(unpinned.stderr).toContain('--key');
    const denied = await watch(pinned, one.governed.token);
    expect(denied.stderr).toMatch(/^opaline: DENIED: [^\n]*auditor/);
  });
});
