/**
 * Takes a vault's lock again and again for a while, in a process of its own, and now and then leaves it
 * behind as if it had died. Prints how often it had the lock, and how often another had it too.
 */
import { closeSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lockVault } from '../../src/client/local/vault-lock.ts';
import { isOpalineError } from '../../src/errors/opaline-error.ts';

export interface Tally {
  readonly held: number;
  readonly shared: number;
}

const [folder, milliseconds] = [process.argv[2]!, Number(process.argv[3])];
const inside = join(folder, 'inside');
const lock = join(folder, 'writer.lock');
const until = Date.now() + milliseconds;
let [held, shared] = [0, 0];

/** The lock as a process of this number that is long gone would have left it. */
function abandon(): void {
  const aside = join(folder, `left-by-${process.pid}`);
  const { nonce, ...holder } = JSON.parse(readFileSync(lock, 'utf8')) as { nonce: string };
  writeFileSync(aside, JSON.stringify({ ...holder, nonce, identity: 'of another process' }));
  renameSync(aside, lock);
}

while (Date.now() < until) {
  try {
    const taken = await lockVault(folder);
    held++;
    try {
      closeSync(openSync(inside, 'wx'));
      await sleep(held % 3);
      rmSync(inside);
    } catch {
      shared++;
    }
    if (held % 3 === 0) await taken[Symbol.asyncDispose]();
    else abandon();
  } catch (error) {
    if (!isOpalineError(error, 'VAULT_LOCKED')) throw error;
    if (held % 2 === 0) await sleep(1);
  }
}
process.stdout.write(JSON.stringify({ held, shared } satisfies Tally));
