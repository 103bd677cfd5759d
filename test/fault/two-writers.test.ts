import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Vault } from '../../src/client/api.ts';
import { createVault, openVault } from '../../src/client/open-vault.ts';
import { Child } from '../support/child-process.ts';
import { Disk, type DiskTrial } from '../support/disk.ts';
import { PASSPHRASE } from '../support/vaults.ts';
import {
  answers,
  expected,
  resultsOf,
  rowsOf,
  VISITS,
  type Visit,
  visits,
} from '../support/write-operations.ts';
import { opaline } from '../unit/cli/run.ts';

const disk = new Disk();
afterAll(() => disk[Symbol.dispose]());

let trial: DiskTrial;
let vault: Vault;
beforeEach(async () => {
  trial = await disk.trial('small');
  vault = await trial.open();
});
afterEach(() => vault.close());

/** Rows of which the second comes only when told. */
function held(): { rows: AsyncIterable<Visit>; begun: Promise<void>; release: () => void } {
  const begun = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  const rows = (async function* () {
    yield visits(500, 501)[0]!;
    begun.resolve();
    await go.promise;
    yield visits(501, 502)[0]!;
  })();
  return { rows, begun: begun.promise, release: go.resolve };
}

const append = { append: true };
const all = [...rowsOf('small'), ...visits(500, 502)];

describe('while one writer is at work', () => {
  test('the command line is refused at once, in one line, and afterwards is not', async () => {
    const { rows, begun, release } = held();
    const first = vault.ingest(VISITS, rows, append);
    await begun;
    const csv = join(trial.folder, 'visits.csv');
    writeFileSync(csv, 'id,patient,fee\n900,patient 900,1\n');
    const ingest = (): ReturnType<typeof opaline> =>
      opaline(['ingest', trial.vault, csv, '--append'], {
        env: { OPALINE_PASSPHRASE: PASSPHRASE },
      });
    const refused = await ingest();
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(
      new RegExp(`^opaline: VAULT_LOCKED: process ${process.pid} is writing to [^\\n]*\\n$`),
    );
    release();
    await first;
    expect(await answers(vault)).toBe(expected(all));
    expect(await ingest()).toMatchObject({ code: 0 });
    const [info] = await vault.tables();
    expect(info?.rows).toBe(all.length + 1);
  });

  test('another vault object of the same process is refused, and reads', async () => {
    const { rows, begun, release } = held();
    const first = vault.ingest(VISITS, rows, append);
    await begun;
    await using other = await trial.open();
    const code = 'VAULT_LOCKED';
    await expect(other.compact()).rejects.toMatchObject({ code, retryable: true });
    await expect(other.check({ repair: true })).rejects.toMatchObject({ code });
    expect(await answers(other)).toBe(expected(rowsOf('small')));
    release();
    await first;
    await other.compact();
    expect(await answers(other)).toBe(expected(all));
    expect(await answers(vault)).toBe(expected(all));
  });

  test('other calls on the same vault wait, and a failure of one is none of the next', async () => {
    const { rows, begun, release } = held();
    const calls = [
      vault.ingest(VISITS, rows, append),
      vault.delete('DELETE FROM nowhere'),
      vault.compact(),
      vault.ingest(VISITS, visits(600, 610), append),
      vault.delete('DELETE FROM visits WHERE id >= $1', [605]),
    ];
    await begun;
    release();
    const settled = await Promise.allSettled(calls);
    expect(settled.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
      'fulfilled',
    ]);
    expect(await answers(vault)).toBe(expected([...all, ...visits(600, 605)]));
  });

  test('queries of the same vault are answered, and stand in nobody’s way', async () => {
    const queries: Promise<unknown>[] = [];
    for (let i = 0; i < 5; i++) {
      const rows = visits(700 + i, 701 + i);
      const write = vault.ingest(VISITS, rows, append);
      for (let q = 0; q < 3; q++) queries.push(vault.query('SELECT COUNT(*) FROM visits'));
      await write;
    }
    await Promise.all(queries);
    expect(await answers(vault)).toBe(expected([...rowsOf('small'), ...visits(700, 705)]));
  });
});

test('the lock of a process that was killed is taken over at once', async () => {
  const lock = join(trial.vault, 'writer.lock');
  await using child = new Child();
  await child.tell({ do: 'open', folder: trial.folder });
  const reply = child.tell({ do: 'operation', name: 'a large append' });
  while (!existsSync(lock)) await sleep(1);
  await child.kill();
  expect(await reply).toBeUndefined();
  expect(existsSync(lock)).toBe(true);
  await vault.ingest(VISITS, visits(500, 502), append);
  expect(await answers(vault)).toBe(expected(all));
});

test('a reader in another process sees one table or the next, whatever is done', async () => {
  await using child = new Child();
  expect(await child.tell({ do: 'open', folder: trial.folder })).not.toHaveProperty('error');
  await child.tell({ do: 'read' });
  let rows = rowsOf('small');
  const states = [rows];
  for (let round = 0; round < 6; round++) {
    const more = visits(1000 + 20 * round, 1020 + 20 * round);
    await vault.ingest(VISITS, more, append);
    rows = [...rows, ...more];
    states.push(rows);
    const patient = `patient ${round % 5}`;
    const erase = round % 2 === 1;
    await vault.delete('DELETE FROM visits WHERE patient = $1', [patient], { erase });
    rows = rows.filter((row) => row.patient !== patient);
    states.push(rows);
    await vault.compact();
  }
  const reply = await child.tell({ do: 'stop' });
  expect(reply?.error).toBeUndefined();
  const possible = states.map((state) => resultsOf(state).map((of) => JSON.stringify(of)));
  for (const [query, found] of reply!.answers!.entries()) {
    for (const answer of found) expect(possible.map((of) => of[query])).toContain(answer);
    // It did look while things changed.
    expect(found.length).toBeGreaterThan(2);
  }
});

describe('two owners of one store', () => {
  test('do not disturb each other, and neither repairs what is the other’s', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'opaline-owners-'));
    try {
      const store = join(folder, 'store');
      const options = { passphrase: PASSPHRASE, threads: 0 };
      await using a = await createVault(join(folder, 'a'), { store, ...options });
      await using b = await createVault(join(folder, 'b'), { store, ...options });
      await Promise.all([a.ingest(VISITS, visits(0, 40)), b.ingest(VISITS, visits(100, 130))]);
      // What of the other's is not published yet is no orphan of one's own.
      const { rows, begun, release } = held();
      const write = b.ingest({ ...VISITS, table: 'more' }, rows);
      await begun;
      await Promise.all([
        a.delete('DELETE FROM visits WHERE id < 10', [], { erase: true }),
        a.check({ deep: true, repair: true }),
        a.compact(),
      ]);
      release();
      await write;
      await b.delete('DELETE FROM visits WHERE id >= 120');
      await b.check({ deep: true, repair: true });
      expect(await answers(a)).toBe(expected(visits(10, 40)));
      expect((await b.query('SELECT COUNT(*), SUM(id) FROM visits')).rows).toEqual([
        ['20', '2190'],
      ]);
      expect((await b.tables()).map(({ table }) => table)).toEqual(['more', 'visits']);
      await using again = await openVault(join(folder, 'a'), options);
      expect((await again.tables()).map(({ rows: count }) => count)).toEqual([30]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
