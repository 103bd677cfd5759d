import { execFile, spawn } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { randomId } from '../../src/bytes/random.ts';
import { lockVault } from '../../src/client/local/vault-lock.ts';
import type { Tally } from '../support/lock-child.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'opaline-lock-'));
  path = join(folder, 'writer.lock');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const refused = { code: 'VAULT_LOCKED' };
const take = async (): Promise<void> => {
  await using _ = await lockVault(folder);
};

/** A lock as a process leaves it; by default this one, at another time. */
function leave(holder: object = {}): void {
  const self = { process: process.pid, host: hostname(), identity: 'another', nonce: randomId() };
  writeFileSync(path, JSON.stringify({ ...self, ...holder }));
}

describe('a vault’s lock', () => {
  test('is refused while it is held, and leaves nothing behind', async () => {
    {
      await using _ = await lockVault(folder);
      await expect(lockVault(folder)).rejects.toMatchObject({
        ...refused,
        details: { path: folder, process: process.pid },
      });
    }
    expect(readdirSync(folder)).toEqual([]);
    await take();
  });

  test('of a process that is gone is taken over', async () => {
    const { pid } = spawn('true');
    await sleep(100);
    leave({ process: pid });
    await take();
    expect(readdirSync(folder)).toEqual([]);
  });

  const linux = existsSync('/proc/self/stat');
  test.skipIf(!linux)('of another process with the same number is taken over', async () => {
    leave();
    await take();
  });

  test.skipIf(!linux)('of a process that is dead and not waited for is taken over', async () => {
    // The first sleep ends as the child of the second, which waits for nobody.
    const script = 'sleep 0.2 & echo $!; exec sleep 60';
    const parent = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const [line] = (await parent.stdout.take(1).toArray()) as Buffer[];
      const zombie = Number(String(line));
      const status = (): string => readFileSync(`/proc/${zombie}/stat`, 'utf8');
      while (!/\) Z /.test(status())) await sleep(5);
      const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
      const started = status()
        .slice(status().lastIndexOf(')') + 2)
        .split(' ')[19];
      leave({ process: zombie, identity: `${boot}/${started}` });
      await take();
    } finally {
      parent.kill('SIGKILL');
    }
  });

  test('of another machine is respected, whose processes cannot be asked', async () => {
    leave({ host: 'elsewhere' });
    await expect(lockVault(folder)).rejects.toMatchObject(refused);
  });

  test.each([
    ['no JSON', 'writing'],
    ['nothing', ''],
    ['no process', '{}'],
    ['a name that leads elsewhere', '{"process":1,"host":"","identity":"","nonce":"../../x"}'],
  ])('that holds %s is respected for a while, then taken over', async (_, text) => {
    writeFileSync(path, text);
    await expect(lockVault(folder)).rejects.toMatchObject(refused);
    const past = Date.now() / 1000 - 60;
    utimesSync(path, past, past);
    await take();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('takes what writers that died left beside the files with it', async () => {
    const [locking, claiming] = [`writer.lock.${randomId()}`, `writer.lock.${randomId()}`];
    const dead = JSON.stringify({
      process: 2 ** 30,
      host: hostname(),
      identity: '',
      nonce: randomId(),
    });
    writeFileSync(join(folder, locking), dead);
    writeFileSync(
      join(folder, claiming),
      JSON.stringify({ process: 1, host: 'x', nonce: randomId() }),
    );
    const files = ['heads.opal', 'keys.opal', 'vault.opal'];
    for (const name of [...files, 'notes']) writeFileSync(join(folder, name), 'kept');
    for (const name of files) writeFileSync(join(folder, `${name}.${randomId()}.tmp`), 'half');
    writeFileSync(join(folder, `notes.${randomId()}.tmp`), 'of somebody else');
    await take();
    const left = readdirSync(folder).map((name) => (name.startsWith('notes.') ? 'tmp' : name));
    expect(left.toSorted()).toEqual([...files, 'notes', 'tmp', claiming].toSorted());
  });

  test('is never held by two, however many find a dead one at once', async () => {
    const script = fileURLToPath(new URL('../support/lock-child.ts', import.meta.url));
    const run = async (): Promise<Tally> => {
      const { stdout } = await promisify(execFile)(process.execPath, [script, folder, '2000']);
      return JSON.parse(stdout) as Tally;
    };
    const tallies = await Promise.all(Array.from({ length: 4 }, run));
    expect(tallies.map(({ shared }) => shared)).toEqual([0, 0, 0, 0]);
    expect(tallies.reduce((sum, { held }) => sum + held, 0)).toBeGreaterThan(20);
  });
});
