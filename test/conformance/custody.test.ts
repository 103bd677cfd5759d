import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dealCustody } from '../../src/client/custody/deal.ts';
import { backupVault, restoreVault } from '../../src/client/local/backup.ts';
import { openVault } from '../../src/client/open-vault.ts';
import { type Program, startProgram } from '../support/programs.ts';
import {
  type DividedVault,
  dividedVault,
  freePorts,
  WAGES,
  wages,
  wageSum,
} from '../support/custody.ts';
import { PASSPHRASE } from '../support/vaults.ts';

const ROWS = 20_000;

describe('a divided table', () => {
  let divided: DividedVault;
  let rows = wages(ROWS);
  const running: AsyncDisposable[] = [];
  beforeAll(async () => {
    divided = await dividedVault(2, await freePorts(3));
    await divided.vault.ingest(WAGES, rows);
    for (const i of [1, 2, 3]) running.push(await divided.start(i));
  });
  afterAll(async () => {
    for (const one of running) await one[Symbol.asyncDispose]();
    await divided[Symbol.asyncDispose]();
  });
  /** Every sum may be asked for again. */
  const nextEpoch = async (more = wages(1)): Promise<void> => {
    await divided.vault.ingest(WAGES, more, { append: true });
    rows = [...rows, ...more];
  };
  const ask = async (sql: string, verified = false): Promise<readonly (readonly string[])[]> =>
    (await divided.vault.query(sql, [], { verified })).rows.map((row) => row.map(String));
  const count = (city: string): number => rows.filter((row) => row.city === city).length;
  const refused = expect.objectContaining({ code: 'CUSTODIAN_REFUSED' });

  it('answers filtered sums and averages, exactly, by custodians alone', async () => {
    expect(await ask("SELECT SUM(wage), COUNT(*) FROM wages WHERE city = 'Oulu'")).toEqual([
      [wageSum(rows, 'Oulu'), count('Oulu')].map(String),
    ]);
    const [[mean]] = (await ask("SELECT AVG(wage) FROM wages WHERE city = 'Turku'")) as [[string]];
    expect(Number(mean)).toBeCloseTo(wageSum(rows, 'Turku') / count('Turku'), 6);
  });

  it('answers groups, one scalar for each', async () => {
    await nextEpoch();
    expect(await ask('SELECT city, SUM(wage) FROM wages GROUP BY city ORDER BY city')).toEqual(
      ['Oulu', 'Turku', 'Vaasa'].map((city) => [city, String(wageSum(rows, city))]),
    );
  });

  it('is answered for once an epoch, however it is asked, and again at the next', async () => {
    await nextEpoch();
    const vaasa = [[String(wageSum(rows, 'Vaasa'))]];
    expect(await ask("SELECT SUM(wage) FROM wages WHERE city = 'Vaasa'")).toEqual(vaasa);
    for (const again of [
      "SELECT SUM(wage) FROM wages WHERE city = 'Vaasa'",
      "SELECT SUM(wage) FROM wages WHERE NOT (city = 'Oulu' OR city = 'Turku')",
      "SELECT SUM(wage) FROM wages WHERE city IN ('Vaasa', 'Vaasa') AND city <> 'Oulu'",
      "SELECT COUNT(*), AVG(wage) FROM wages WHERE city = 'Vaasa'",
      'SELECT city, SUM(wage) FROM wages GROUP BY city',
    ]) {
      await expect(ask(again), again).rejects.toThrow(refused);
    }
    // What was refused as a whole was not answered in part.
    expect(await ask("SELECT SUM(wage) FROM wages WHERE city = 'Oulu'")).toEqual([
      [String(wageSum(rows, 'Oulu'))],
    ]);
    await nextEpoch(wages(6000).map(({ city, wage }) => ({ city, wage: wage + 1 })));
    expect(await ask("SELECT SUM(wage) FROM wages WHERE city = 'Vaasa'")).toEqual([
      [String(wageSum(rows, 'Vaasa'))],
    ]);
  });

  it('counts without anybody’s help, and sums nothing as often as it is asked', async () => {
    const nobody = "SELECT COUNT(*), SUM(wage) FROM wages WHERE city = 'Nobody'";
    expect(await ask(nobody)).toEqual([['0', 'null']]);
    expect(await ask(nobody)).toEqual([['0', 'null']]);
  });

  it('is not verified without check columns, and is once it has them', async () => {
    await nextEpoch();
    const oulu = "SELECT SUM(wage), COUNT(*) FROM wages WHERE city = 'Oulu'";
    const truth = [[wageSum(rows, 'Oulu'), count('Oulu')].map(String)];
    await expect(ask(oulu, true)).rejects.toThrow(
      expect.objectContaining({ code: 'CAPABILITY_MISSING' }),
    );
    // Nobody was asked.
    expect(await ask(oulu)).toEqual(truth);
    const [report] = await divided.vault.verify();
    expect(report).toMatchObject({ table: 'wages', segments: 2 });
    expect(await divided.vault.verify()).toEqual([]);
    expect(await ask(oulu, true)).toEqual(truth);
    // Sums and checks were answered, each once.
    await expect(ask(oulu)).rejects.toThrow(refused);
  });

  it('is answered by whoever is there, and not by too few', async () => {
    await running[0]![Symbol.asyncDispose]();
    expect(await ask('SELECT SUM(wage) FROM wages')).toEqual([[String(wageSum(rows))]]);
    await running[1]![Symbol.asyncDispose]();
    await expect(ask("SELECT SUM(wage) FROM wages WHERE city <> 'Oulu'")).rejects.toThrow(
      expect.objectContaining({ code: 'CUSTODIAN_UNREACHABLE' }),
    );
    running[1] = await divided.start(2);
    // What was answered is remembered, whatever ended.
    await expect(ask('SELECT SUM(wage) FROM wages')).rejects.toThrow(refused);
  });

  it('stays divided and verified when rows are deleted, and it is compacted and rotated', async () => {
    await divided.vault.delete("DELETE FROM wages WHERE city = 'Turku'");
    rows = rows.filter(({ city }) => city !== 'Turku');
    const every = 'SELECT COUNT(*), SUM(wage) FROM wages';
    const expected = (): string[][] => [[rows.length, wageSum(rows)].map(String)];
    expect(await ask(every, true)).toEqual(expected());
    await divided.vault.compact('wages');
    expect(await ask(every, true)).toEqual(expected());
    await divided.vault.rotate('wages');
    expect(await ask(every, true)).toEqual(expected());
  });

  it('is asked for the same custodians by a vault of its backup', async () => {
    const backup = join(divided.folder, 'backup');
    const path = join(divided.folder, 'restored');
    await nextEpoch();
    await backupVault(divided.path, backup);
    await restoreVault(path, backup, PASSPHRASE);
    await using restored = await openVault(path, { passphrase: PASSPHRASE, threads: 0 });
    const { rows: answer } = await restored.query('SELECT SUM(wage) FROM wages');
    expect(String(answer[0]![0])).toBe(String(wageSum(rows)));
    // Custodians know what the other one asked: two vaults do not both go on with one log.
    await expect(ask('SELECT SUM(wage) FROM wages')).rejects.toThrow(
      expect.objectContaining({ code: 'LOG_FORK' }),
    );
  });

  it('is looked over by the doctor, column by column', async () => {
    const findings = await divided.vault.check({ deep: true });
    expect(findings.filter(({ level }) => level === 'problem')).toEqual([]);
  });

  it('explains itself without asking anybody', async () => {
    const { plan } = await divided.vault.explain('SELECT SUM(wage) FROM wages');
    expect(plan.join('\n')).toContain('n 8192');
  });

  it('has one key, and a vault that has one is not given another', async () => {
    const out = join(divided.folder, 'again');
    const custodians = [1, 2].map((i) => ({ address: `http://h:${i}`, passphrase: 'x' }));
    await expect(
      dealCustody(divided.path, { passphrase: PASSPHRASE, threshold: 2, custodians, out }),
    ).rejects.toThrow(expect.objectContaining({ code: 'USAGE' }));
  });
});

describe('custodians of whom two quorums are asked', () => {
  it('answer if all are there', async () => {
    await using divided = await dividedVault(2, await freePorts(4), true);
    const rows = wages(ROWS);
    await divided.vault.ingest(WAGES, rows);
    await using running = new AsyncDisposableStack();
    for (const i of [1, 2, 3]) running.use(await divided.start(i));
    const ask = (): Promise<{ rows: readonly (readonly unknown[])[] }> =>
      divided.vault.query('SELECT SUM(wage) FROM wages');
    await expect(ask()).rejects.toThrow(expect.objectContaining({ code: 'CUSTODIAN_UNREACHABLE' }));
    running.use(await divided.start(4));
    expect(String((await ask()).rows[0]![0])).toBe(String(wageSum(rows)));
    // All four answered.
    for (const share of divided.shares) {
      expect((await readFile(`${share}.answered`)).length).toBe(16 + 64);
    }
    const custodians = [1, 2, 3].map((i) => ({ address: `http://h:${i}`, passphrase: 'x' }));
    const out = join(divided.folder, 'too-few');
    const options = { passphrase: PASSPHRASE, threshold: 2, custodians, out, confirm: true };
    await expect(dealCustody(divided.path, options)).rejects.toThrow('twice as many');
  });
});

describe('three custodians in processes of their own', () => {
  it('answer two of them at a time, vaults at once, and none whose log was rolled back', async () => {
    const ports = await freePorts(3);
    await using divided = await dividedVault(2, ports);
    const rows = wages(ROWS);
    await divided.vault.verify();
    await divided.vault.ingest(WAGES, rows);
    await using programs = new AsyncDisposableStack();
    const start = async (i: number): Promise<Program> => {
      const program = programs.use(
        startProgram([
          'custodian',
          'serve',
          divided.shares[i]!,
          '--store',
          divided.store,
          '--port',
          String(ports[i]),
          '--passphrase-file',
          join(divided.folder, `passphrase-${i + 1}`),
          '--cache',
          join(divided.folder, 'cache'),
        ]),
      );
      await program.says(/answers at http/);
      return program;
    };
    const [first] = [await start(0), await start(1), await start(2)];
    await using again = await openVault(divided.path, { passphrase: PASSPHRASE, threads: 0 });
    const { rows: answer } = await again.query("SELECT AVG(wage) FROM wages WHERE city = 'Oulu'");
    const oulu = rows.filter(({ city }) => city === 'Oulu').length;
    expect(Number(answer[0]![0])).toBeCloseTo(wageSum(rows, 'Oulu') / oulu, 6);
    const sql = "SELECT SUM(wage) FROM wages WHERE city = 'Turku'";
    const { rows: sum, stats } = await again.query(sql, [], { verified: true });
    expect(String(sum[0]![0])).toBe(String(wageSum(rows, 'Turku')));
    expect(stats.verified).toBe(true);
    // Neither the answers nor a scalar is kept: of the second a digest of the sum and one of its check.
    const kept = await readFile(`${divided.shares[0]}.answered`);
    expect(kept.length).toBe(16 + 64 + 2 * 64);

    const older = join(divided.folder, 'older');
    await cp(divided.path, older, { recursive: true });
    await using beside = await openVault(divided.path, { passphrase: PASSPHRASE, threads: 0 });
    const sums = await Promise.all(
      [[again, 'Turku'] as const, [beside, 'Vaasa'] as const].map(async ([vault, city]) => {
        const { rows: found } = await vault.query(
          `SELECT SUM(wage) FROM wages WHERE city <> '${city}'`,
        );
        return String(found[0]![0]);
      }),
    );
    const without = (city: string): number => wageSum(rows) - wageSum(rows, city);
    expect(sums).toEqual(['Turku', 'Vaasa'].map((city) => String(without(city))));
    // One is killed, and knows the log when it is back.
    await first.end('SIGKILL');
    await start(0);
    await using rolledBack = await openVault(older, { passphrase: PASSPHRASE, threads: 0 });
    const every = 'SELECT SUM(wage) FROM wages';
    for (const code of ['LOG_ROLLBACK', 'LOG_FORK', 'LOG_FORK']) {
      await expect(rolledBack.query(every)).rejects.toThrow(expect.objectContaining({ code }));
    }
    expect(String((await again.query(every)).rows[0]![0])).toBe(String(wageSum(rows)));
  });
});
