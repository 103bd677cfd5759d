import { describe, expect, it } from 'vitest';
import type { ReleaseSettings } from '../../../../src/policy/release/settings.ts';
import {
  type Answerer,
  guarded,
  guardOver,
  MemoryLedgerFile,
  PEOPLE,
  planOf,
  type Rows,
  tableOf,
  unguarded,
} from '../../../support/release/memory.ts';

const EXACT: ReleaseSettings = { mode: 'exact', floor: 5 };
const exact = (): Answerer => guarded(guardOver(new MemoryLedgerFile(), EXACT));
const salaryOf = (person: number): number => Number(PEOPLE[person]![3]);
const number = async (ask: Answerer, sql: string, rows?: Rows): Promise<number> =>
  Number((await ask(sql, rows)).rows[0]![0]);

const SUM = 'SELECT SUM(salary) FROM pay';
const NEW: Rows = [...PEOPLE, ['new', 'A', 30n, 77_777n]];

/** Scripts that end with the salary of one or two people, or reject where an answer is refused. */
const ATTACKS: Readonly<Record<string, readonly [(ask: Answerer) => Promise<number>, number]>> = {
  differencing: [
    async (ask) =>
      (await number(ask, `${SUM} WHERE dept = 'A'`)) -
      (await number(ask, `${SUM} WHERE dept = 'A' AND person <> 'p8'`)),
    salaryOf(8),
  ],
  'differencing by two people': [
    async (ask) =>
      (await number(ask, `${SUM} WHERE dept = 'A'`)) -
      (await number(ask, `${SUM} WHERE dept = 'A' AND person <> 'p8' AND person <> 'p10'`)),
    salaryOf(8) + salaryOf(10),
  ],
  // Denning, Denning and Schwartz, "The tracker", ACM TODS 4(1), 1979: the general tracker.
  tracker: [
    async (ask) =>
      (await number(ask, `${SUM} WHERE person = 'p8' OR dept = 'B'`)) +
      (await number(ask, `${SUM} WHERE person = 'p8' OR NOT dept = 'B'`)) -
      (await number(ask, `${SUM} WHERE dept = 'B'`)) -
      (await number(ask, `${SUM} WHERE NOT dept = 'B'`)),
    salaryOf(8),
  ],
  // Whoever knows the total needs no second query.
  complement: [
    async (ask) =>
      PEOPLE.reduce((sum, row) => sum + Number(row[3]), 0) -
      (await number(ask, `${SUM} WHERE person <> 'p8'`)),
    salaryOf(8),
  ],
  'version drift, a row more': [
    async (ask) => (await number(ask, SUM, NEW)) - (await number(ask, SUM, PEOPLE)),
    77_777,
  ],
  'version drift, a row less': [
    async (ask) => (await number(ask, SUM, PEOPLE)) - (await number(ask, SUM, PEOPLE.slice(1))),
    salaryOf(0),
  ],
};

describe.each(Object.entries(ATTACKS))('%s', (_, [attack, secret]) => {
  it('succeeds with the guard off', async () => {
    expect(await attack(unguarded)).toBe(secret);
  });

  it('is refused by the guard', async () => {
    await expect(attack(exact())).rejects.toMatchObject({ code: 'DENIED' });
  });
});

it('answers what tells of enough people, exactly, also again and in other words', async () => {
  const ask = exact();
  for (const sql of [`${SUM} WHERE dept = 'A'`, `${SUM} WHERE NOT dept = 'B'`, SUM]) {
    expect(await ask(sql)).toEqual(await unguarded(sql));
  }
  const grouped = 'SELECT dept, AVG(salary), COUNT(*) FROM pay GROUP BY dept ORDER BY dept';
  expect(await ask(grouped)).toEqual(await unguarded(grouped));
});

it('leaves out small groups, and with them what would tell of them', async () => {
  const rows: Rows = PEOPLE.map((row, i) => [row[0]!, i < 3 ? 'C' : row[1]!, row[2]!, row[3]!]);
  const ask = exact();
  const sql = 'SELECT dept, COUNT(*) FROM pay GROUP BY dept ORDER BY dept';
  const shown = (await ask(sql, rows)).rows.map(([dept]) => dept);
  expect(shown).not.toContain('C');
  expect(shown.length).toBe(1);
});

it('remembers in another process what was released by one before', async () => {
  const file = new MemoryLedgerFile();
  await guarded(guardOver(file, EXACT))(`${SUM} WHERE dept = 'A'`);
  const later = guarded(guardOver(file, EXACT));
  await expect(later(`${SUM} WHERE dept = 'A' AND person <> 'p8'`)).rejects.toMatchObject({
    code: 'DENIED',
  });
  // And two that are open at once see each other's releases.
  const [one, two] = [guarded(guardOver(file, EXACT)), guarded(guardOver(file, EXACT))];
  await one(`${SUM} WHERE dept = 'B'`);
  await expect(two(`${SUM} WHERE dept = 'B' AND person <> 'p9'`)).rejects.toMatchObject({
    code: 'DENIED',
  });
});

it('counts subjects, not rows', async () => {
  const rows: Rows = Array.from({ length: 40 }, (_, i) => [
    i < 20 ? 'p0' : `q${i}`,
    i < 20 ? 'A' : 'B',
    30n,
    BigInt(i),
  ]);
  await expect(exact()(`${SUM} WHERE dept = 'A'`, rows)).rejects.toMatchObject({ code: 'DENIED' });
  expect(await number(unguarded, `${SUM} WHERE dept = 'A'`, rows)).toBe(190);
});

it.each([
  'SELECT MIN(salary) FROM pay',
  'SELECT MAX(salary) FROM pay',
  'SELECT COUNT(DISTINCT salary) FROM pay',
  'SELECT person, salary FROM pay',
])('refuses %s', async (sql) => {
  const guard = guardOver(new MemoryLedgerFile(), EXACT);
  const request = { plan: await planOf(sql), table: tableOf(PEOPLE) };
  await expect(guard.review(request)).rejects.toMatchObject({ code: 'DENIED' });
});

it('lets rows pass that a rule of the policy allows, as they are, and no other', async () => {
  const guard = guardOver(new MemoryLedgerFile(), EXACT);
  const plan = await planOf('SELECT person, salary FROM pay');
  const request = { plan, table: tableOf(PEOPLE) };
  const aggregate = guard.review({ ...request, operations: ['aggregate'] });
  await expect(aggregate).rejects.toMatchObject({ code: 'DENIED' });
  const reviewed = await guard.review({ ...request, operations: ['rows'] });
  expect(reviewed.plan).toBe(plan);
  const result = { columns: ['person'], rows: [['p0']] };
  expect(await reviewed.settle({ result })).toBe(result);
  const figures = { ...request, plan: await planOf('SELECT MAX(salary) FROM pay') };
  const single = guard.review({ ...figures, operations: ['aggregate', 'rows'] });
  await expect(single).rejects.toMatchObject({ code: 'DENIED' });
});

it('refuses an answer whose counts are not those of the rows', async () => {
  const guard = guardOver(new MemoryLedgerFile(), EXACT);
  const sql = 'SELECT COUNT(*), SUM(salary) FROM pay';
  const reserved = await guard.review({ plan: await planOf(sql), table: tableOf(PEOPLE) });
  const terms = [1n, 70_000n, 1n];
  const result = { columns: [], rows: [] };
  await expect(reserved.settle({ groups: [{ key: [], terms }], result })).rejects.toMatchObject({
    code: 'DENIED',
  });
});
