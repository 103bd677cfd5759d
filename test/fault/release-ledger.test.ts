import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ledgerFileAt } from '../../src/client/local/ledger-file.ts';
import { NO_COST } from '../../src/policy/dp/budget.ts';
import type { NoisySettings } from '../../src/policy/release/settings.ts';
import { guarded, guardOver } from '../support/release/memory.ts';

const SETTINGS: NoisySettings = {
  mode: 'dp',
  floor: 5,
  budget: { ...NO_COST, microEpsilon: 1_000_000 },
  query: { ...NO_COST, microEpsilon: 400_000 },
  rows: 1,
  bucket: 1,
};
const SCRIPT = fileURLToPath(new URL('../support/release/reserve-child.ts', import.meta.url));
const COUNT = 'SELECT COUNT(*) FROM pay';

let folder = '';
let path = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'opaline-ledger-'));
  path = join(folder, 'pay.ledger');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const spent = async (): Promise<number> =>
  (await guardOver(ledgerFileAt(path), SETTINGS).budget('pay')).spent.microEpsilon;

it('killed between the reservation and the release, the budget is spent', async () => {
  const child = spawn(process.execPath, [SCRIPT, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  expect(said.toString()).toBe('reserved\n');
  child.kill('SIGKILL');
  await ended;
  expect(await spent()).toBe(400_000);
  // The same query has what was reserved for it; what is left suffices for one other.
  const ask = guarded(guardOver(ledgerFileAt(path), SETTINGS));
  await ask(COUNT);
  expect(await spent()).toBe(400_000);
  await ask(`${COUNT} WHERE age > 30`);
  await expect(ask(`${COUNT} WHERE age > 31`)).rejects.toMatchObject({ code: 'DENIED' });
}, 60_000);

it('cut anywhere, a ledger is whole up to the last record that was written', async () => {
  await guarded(guardOver(ledgerFileAt(path), SETTINGS))(COUNT);
  const whole = await readFile(path);
  const seen = new Set<number>();
  for (let size = 0; size < whole.length; size += 7) {
    await writeFile(path, whole.subarray(0, size));
    seen.add(await spent());
    // What was cut off is gone from the file: it goes on from there.
    expect((await readFile(path)).length).toBeLessThanOrEqual(size);
  }
  expect([...seen].sort((a, b) => a - b)).toEqual([0, 400_000]);
});

it('of a ledger whose bytes were changed nothing is released', async () => {
  await guarded(guardOver(ledgerFileAt(path), SETTINGS))(COUNT);
  await guarded(guardOver(ledgerFileAt(path), SETTINGS))(`${COUNT} WHERE age > 30`);
  const whole = await readFile(path);
  const last = 200;
  for (let at = 0; at < whole.length - last; at += 41) {
    const changed = Uint8Array.from(whole);
    changed[at]! ^= 4;
    await writeFile(path, changed);
    await expect(spent(), `byte ${at}`).rejects.toMatchObject({ code: 'LEDGER_INVALID' });
  }
});

it('two that are open at once share one budget', async () => {
  const [one, two] = [ledgerFileAt(path), ledgerFileAt(path)].map((file) =>
    guarded(guardOver(file, SETTINGS)),
  );
  const asked = await Promise.allSettled(
    Array.from({ length: 6 }, (_, i) => [one!, two!][i % 2]!(`${COUNT} WHERE age <> ${i}`)),
  );
  expect(asked.filter(({ status }) => status === 'fulfilled').length).toBe(2);
});
