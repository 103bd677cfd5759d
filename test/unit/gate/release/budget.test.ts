import { expect, it } from 'vitest';
import { discreteLaplace } from '../../../../src/bytes/discrete-gaussian.ts';
import { NO_COST } from '../../../../src/policy/dp/budget.ts';
import type { NoisySettings } from '../../../../src/policy/release/settings.ts';
import {
  guarded,
  guardOver,
  MemoryLedgerFile,
  PEOPLE,
  planOf,
  type Rows,
  seeded,
  tableOf,
} from '../../../support/release/memory.ts';

const QUERY = { ...NO_COST, microEpsilon: 100_000, picoDelta: 1_000_000 };
const SETTINGS: NoisySettings = {
  mode: 'dp',
  floor: 5,
  budget: { ...NO_COST, microEpsilon: 1_000_000, picoDelta: 1_000_000_000 },
  query: QUERY,
  rows: 1,
  bucket: 1,
};
const COUNT = 'SELECT COUNT(*) FROM pay';
const isDenied = { code: 'DENIED' };

it('of 100 requests at once on a budget for 10, 10 are answered', async () => {
  const guard = guardOver(new MemoryLedgerFile(), SETTINGS);
  const ask = guarded(guard);
  const asked = await Promise.allSettled(
    Array.from({ length: 100 }, (_, i) => ask(`${COUNT} WHERE age <> ${i}`)),
  );
  expect(asked.filter(({ status }) => status === 'fulfilled').length).toBe(10);
  for (const one of asked)
    if (one.status === 'rejected') expect(one.reason).toMatchObject(isDenied);
  const { spent, left } = await guard.budget('pay');
  expect(spent.microEpsilon).toBe(1_000_000);
  expect(left?.microEpsilon).toBe(0);
});

it('without the reservation all 100 would be', async () => {
  // The same requests, each with a ledger of its own: nothing is remembered.
  const asked = await Promise.allSettled(
    Array.from({ length: 100 }, (_, i) =>
      guarded(guardOver(new MemoryLedgerFile(), SETTINGS))(`${COUNT} WHERE age <> ${i}`),
    ),
  );
  expect(asked.every(({ status }) => status === 'fulfilled')).toBe(true);
});

it('averaging by repetition: an identical query has one answer, for once its cost', async () => {
  const random = seeded(1);
  const fresh = Array.from(
    { length: 4000 },
    () => 60 + Number(discreteLaplace({ numerator: 10n, denominator: 1n }, random)),
  );
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  // Guard off, noise anew each time: the mean of 4,000 is off by 0.22 in the standard deviation.
  expect(Math.abs(mean(fresh) - 60)).toBeLessThan(1);
  const guard = guardOver(new MemoryLedgerFile(), SETTINGS, seeded(2));
  const ask = guarded(guard);
  const answers = new Set<unknown>();
  for (let i = 0; i < 50; i++) answers.add((await ask(COUNT)).rows[0]![0]);
  // The same figures under another name.
  answers.add((await ask('SELECT COUNT(*) AS people FROM pay')).rows[0]![0]);
  expect(answers.size).toBe(1);
  expect((await guard.budget('pay')).spent.microEpsilon).toBe(100_000);
});

it('a stored answer is another process’s too, and of other rows it is another', async () => {
  const file = new MemoryLedgerFile();
  const first = await guarded(guardOver(file, SETTINGS))(COUNT);
  const guard = guardOver(file, SETTINGS);
  expect(await guarded(guard)(COUNT)).toEqual(first);
  await guarded(guard)(COUNT, PEOPLE.slice(1));
  expect((await guard.budget('pay')).spent.microEpsilon).toBe(200_000);
  expect((await guard.history('pay')).map(({ cost }) => cost.microEpsilon)).toEqual([
    100_000, 100_000,
  ]);
});

it('what was reserved is spent, though nobody fetched the answer', async () => {
  const file = new MemoryLedgerFile();
  await guardOver(file, SETTINGS).review({ plan: await planOf(COUNT), table: tableOf(PEOPLE) });
  expect((await guardOver(file, SETTINGS).budget('pay')).spent.microEpsilon).toBe(100_000);
});

it('shows no group of one subject, and every group of very many', async () => {
  const rows: Rows = Array.from({ length: 1201 }, (_, i) => [
    `p${i}`,
    i === 1200 ? 'C' : i % 2 === 0 ? 'A' : 'B',
    30n,
    1000n,
  ]);
  const ask = guarded(guardOver(new MemoryLedgerFile(), SETTINGS, seeded(3)));
  const { rows: shown } = await ask('SELECT dept, COUNT(*) FROM pay GROUP BY dept', rows);
  expect(shown.map(([dept]) => dept)).toEqual(['A', 'B']);
});

it('refuses groups without δ, sums without a range, a subject of more rows than declared', async () => {
  const none = { ...SETTINGS, query: { ...QUERY, picoDelta: 0 } };
  const ask = (settings: NoisySettings): ReturnType<typeof guarded> =>
    guarded(guardOver(new MemoryLedgerFile(), settings));
  await expect(ask(none)('SELECT dept, COUNT(*) FROM pay GROUP BY dept')).rejects.toMatchObject(
    isDenied,
  );
  await expect(ask(SETTINGS)('SELECT SUM(age) FROM pay')).rejects.toMatchObject(isDenied);
  const twice: Rows = [...PEOPLE, ['p0', 'B', 50n, 1n]];
  await expect(ask(SETTINGS)(COUNT, twice)).rejects.toMatchObject(isDenied);
  await expect(ask({ ...SETTINGS, rows: 2 })(COUNT, twice)).resolves.toBeDefined();
});

it('a table has one mode for good', async () => {
  const file = new MemoryLedgerFile();
  await guarded(guardOver(file, { mode: 'exact', floor: 5 }))(COUNT);
  await expect(guarded(guardOver(file, SETTINGS))(COUNT)).rejects.toMatchObject(isDenied);
});

it('previews the cost, what is left and the usual error, and spends nothing', async () => {
  const guard = guardOver(new MemoryLedgerFile(), SETTINGS);
  const request = { plan: await planOf('SELECT SUM(salary) FROM pay'), table: tableOf(PEOPLE) };
  const preview = await guard.preview(request);
  if (preview.mode !== 'dp') throw new TypeError('not of this mode');
  expect(preview.cost.microEpsilon).toBe(100_000);
  expect(preview.left.microEpsilon).toBe(1_000_000);
  // ln 20 times the scale: ranges are to 100,000, two figures (SUM and its COUNT) share ε = 0.1.
  expect(Math.max(...preview.errors)).toBeCloseTo(Math.log(20) * 2_000_000, 0);
  expect((await guard.budget('pay')).spent).toEqual(NO_COST);
});
