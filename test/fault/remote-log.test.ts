import { existsSync, readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { signCheckpoint } from '../../src/audit/checkpoint.ts';
import { AuditLog } from '../../src/audit/file/audit-log.ts';
import { type Followed, followLog } from '../../src/audit/follow.ts';
import { formatKey } from '../../src/bytes/note-key.ts';
import { RemoteLog } from '../../src/gateway/remote-log.ts';
import {
  entryOf,
  LOG_KEY,
  LogFiles,
  LogFolders,
  ORIGIN,
  SECRETS,
  utf8,
} from '../support/audit-logs.ts';
import { opaline, type Run } from '../unit/cli/run.ts';

const folders = new LogFolders();
afterAll(() => folders[Symbol.dispose]());
const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

const PREFIX = '/v1/log/';

/** What says that it is a gate. */
async function gate(say: RequestListener): Promise<string> {
  const server = createServer(say);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Shows these files, whatever they are. */
const shows =
  (files: () => LogFiles, asked: string[] = []): RequestListener =>
  (request, response) => {
    asked.push(request.url ?? '');
    const bytes = files().get((request.url ?? '').slice(PREFIX.length));
    response.writeHead(bytes === undefined ? 404 : 200).end(bytes);
  };

const refuses =
  (status: number, body: string, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) => {
    response.writeHead(status, headers).end(body);
  };

/** audit watch, of a gate. */
const watch = (
  address: string,
  more: readonly string[],
  interruptWhen?: () => boolean,
): Promise<Run> =>
  opaline(['audit', 'watch', address, '--key', formatKey(LOG_KEY), ...more], {
    env: { OPALINE_TOKEN: 't' },
    ...(interruptWhen && { interruptWhen }),
  });

const wire = (code: string, details: object = {}): string =>
  JSON.stringify({ opaline: 1, code, details });

async function follow(
  address: string,
  last?: Followed,
  signal: AbortSignal = new AbortController().signal,
): Promise<Followed> {
  return await followLog(new RemoteLog({ address, token: 't' }, signal), LOG_KEY, last?.head);
}

describe('a log that a gate shows', () => {
  test('is followed, and one that was rolled back, rewritten or altered is not', async () => {
    const { path, log } = await folders.log(300);
    const older = LogFiles.of(path);
    let files = older;
    const asked: string[] = [];
    const address = await gate(shows(() => files, asked));
    const first = await follow(address);
    expect(first.added).toBe(300);
    await log.append(Array.from({ length: 300 }, (_, i) => entryOf(300 + i)));
    const newer = LogFiles.of(path);
    files = newer;
    const second = await follow(address, first);
    expect(second).toMatchObject({ added: 300, head: { size: 600 } });
    expect(asked.every((url) => /^\/v1\/log\/(checkpoint|tile\/[a-z0-9./]+)$/.test(url))).toBe(
      true,
    );

    files = older;
    await expect(follow(address, second)).rejects.toMatchObject({ code: 'LOG_ROLLBACK' });
    const copy = folders.next();
    older.store(copy);
    const forked = await AuditLog.open(copy, SECRETS);
    await forked.append(Array.from({ length: 400 }, (_, i) => entryOf(9000 + i)));
    files = LogFiles.of(copy);
    await expect(follow(address, second)).rejects.toMatchObject({
      code: 'LOG_FORK',
      details: { size: 600 },
    });
    for (const name of ['checkpoint', 'tile/entries/002.p/88', 'tile/entries/001']) {
      files = newer.copy();
      files.get(name)![30]! ^= 1;
      await expect(follow(address, first), name).rejects.toMatchObject({ code: 'LOG_INVALID' });
      files.delete(name);
      await expect(follow(address, first), name).rejects.toMatchObject({ code: 'LOG_INVALID' });
    }
    // A bundle may be as long as its entries, and has to end with them.
    files = newer.copy();
    const bundle = files.get('tile/entries/002.p/88')!;
    files.set('tile/entries/002.p/88', Uint8Array.of(...bundle, 0));
    await expect(follow(address, first)).rejects.toMatchObject({ code: 'LOG_INVALID' });
  });

  test('is read no further than its files may be long', async () => {
    const { path } = await folders.log(300);
    for (const [name, limit] of [
      ['checkpoint', 1 << 18],
      ['tile/0/001.p/44', 44 * 32],
      ['tile/entries/001.p/44', 44 * 65_537],
    ] as const) {
      const address = await gate((request, response) => {
        if (!request.url!.endsWith(name)) return shows(() => LogFiles.of(path))(request, response);
        response.writeHead(200);
        return endless(response);
      });
      const log = new RemoteLog({ address, token: 't' }, new AbortController().signal);
      await expect(log.read(name)).rejects.toMatchObject({
        code: 'REQUEST_TOO_LARGE',
        details: { what: name, limit },
      });
    }
  });

  test('has no more new entries than a look takes, whatever was signed', async () => {
    const root = new Uint8Array(32).fill(7);
    const note = signCheckpoint({ origin: ORIGIN, size: 2 ** 40, root }, SECRETS.signing);
    const address = await gate(shows(() => new LogFiles([['checkpoint', utf8(note)]])));
    await expect(follow(address)).rejects.toMatchObject({ code: 'REQUEST_TOO_LARGE' });
  });

  test('is asked for nothing but what everybody may have', async () => {
    const asked: string[] = [];
    const address = await gate(shows(() => new LogFiles(), asked));
    const log = new RemoteLog({ address, token: 't' }, new AbortController().signal);
    for (const path of ['details/000', 'keys/00', '../vault.opal', 'writer.lock', 'tile/0/0', '']) {
      expect(await log.read(path)).toBeUndefined();
    }
    expect(asked).toEqual([]);
  });

  test.each<[string, RequestListener, string]>([
    ['a page', refuses(500, '<html>'), 'GATE_UNREACHABLE'],
    ['another’s refusal', refuses(403, wire('VAULT_CORRUPT')), 'GATE_UNREACHABLE'],
    ['an interrupt that is not ours', refuses(499, wire('ABORTED')), 'GATE_UNREACHABLE'],
    [
      'a way to elsewhere',
      refuses(302, '', { location: 'http://127.0.0.1:1/v1/log/checkpoint' }),
      'GATE_UNREACHABLE',
    ],
    ['a refusal', refuses(403, wire('DENIED', { reason: 'no' })), 'DENIED'],
    ['nothing at all', (request) => request.socket.destroy(), 'GATE_UNREACHABLE'],
  ])('is none where the gate says %s', async (_, say, code) => {
    const address = await gate(say);
    await expect(follow(address)).rejects.toMatchObject({ code });
  });

  test('does not end a watch well by saying that it was interrupted', async () => {
    const address = await gate(refuses(499, wire('ABORTED')));
    const run = await watch(address, ['--once']);
    expect(run).toMatchObject({ code: 1, stdout: '' });
    expect(run.stderr).toMatch(/^opaline: GATE_UNREACHABLE: [^\n]+\n/);
  });

  test('is looked at again after the gate was away', async () => {
    const { path, log } = await folders.log(3);
    const state = folders.next();
    let looks = 0;
    const address = await gate((request, response) => {
      // The first look asks twice: whether there is a log, and for it.
      if (request.url!.endsWith('checkpoint')) looks += 1;
      if (looks === 3 || looks === 4) request.socket.destroy();
      else shows(() => LogFiles.of(path))(request, response);
    });
    let appended: Promise<unknown> | undefined;
    const run = await watch(address, ['--interval', '1', '--state', state], () => {
      if (looks >= 3) appended ??= log.append([entryOf(3)]);
      return existsSync(state) && readFileSync(state, 'utf8').split('\n')[1] === '4';
    });
    await appended;
    expect(run).toMatchObject({ code: 0 });
    expect(run.stdout).toMatch(/ 3 entries, 3 new.*\n.* 4 entries, 1 new: test\.plain 1\n$/);
    expect(run.stderr).toMatch(/gate http[^\n]*; looking again in 1 s\n/);
  });

  test('is waited for where the gate is busy, and no longer than one waits', async () => {
    const { path } = await folders.log(3);
    let busy = 1;
    const tooMuch = refuses(429, wire('GATE_BUSY', { seconds: 1 }));
    const address = await gate((request, response) =>
      busy-- > 0 ? tooMuch(request, response) : shows(() => LogFiles.of(path))(request, response),
    );
    expect((await follow(address)).added).toBe(3);
    const aborted = new AbortController();
    const always = await gate((request, response) => {
      refuses(429, wire('GATE_BUSY', { seconds: 1e9 }))(request, response);
      response.once('close', () => aborted.abort());
    });
    await expect(follow(always, undefined, aborted.signal)).rejects.toMatchObject({
      code: 'ABORTED',
    });
  });
});

/** Bytes until nobody reads them. */
function endless(response: ServerResponse): void {
  const more = (): void => {
    let room = true;
    while (room && !response.destroyed) room = response.write(Buffer.alloc(1 << 16));
    if (!response.destroyed) response.once('drain', more);
  };
  more();
}
