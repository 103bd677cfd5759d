import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { sha256 } from '../../../../src/bytes/hash.ts';
import { utf8 } from '../../../../src/bytes/codec.ts';
import type {
  Reservation,
  StatisticalGuard,
} from '../../../../src/gate/release/statistical-guard.ts';
import { interpretAggregate } from '../../../../src/plan/interpret.ts';
import type { AggregatePlan } from '../../../../src/plan/physical.ts';
import { NO_COST } from '../../../../src/policy/dp/budget.ts';
import type { NoisySettings } from '../../../../src/policy/release/settings.ts';
import {
  guardOver,
  MemoryLedgerFile,
  PAY,
  PEOPLE,
  planOf,
  type Rows,
  tableOf,
} from '../../../support/release/memory.ts';

const COST = 100_000;
const SETTINGS: NoisySettings = {
  mode: 'dp',
  floor: 5,
  budget: { ...NO_COST, microEpsilon: 100 * COST },
  query: { ...NO_COST, microEpsilon: COST },
  rows: 1,
  bucket: 1,
};
const COUNT = 'SELECT COUNT(*) FROM pay';
const request = (name: string): Uint8Array => sha256(utf8(name));

async function review(
  guard: StatisticalGuard,
  sql: string,
  name: string,
  rows: Rows = PEOPLE,
): Promise<Reservation> {
  return await guard.review({
    plan: await planOf(sql),
    table: tableOf(rows),
    request: request(name),
  });
}

async function settle(reserved: Reservation, rows: Rows = PEOPLE): Promise<unknown> {
  const groups = interpretAggregate(reserved.plan as AggregatePlan, PAY, rows);
  const { rows: answer } = await reserved.settle({ groups, result: { columns: [], rows: [] } });
  return answer[0]![0];
}

const spent = async (guard: StatisticalGuard): Promise<number> =>
  (await guard.budget('pay')).spent.microEpsilon;

describe('a request that is asked again', () => {
  it('spends once, though it waited and its process died', async () => {
    const file = new MemoryLedgerFile();
    for (let i = 0; i < 5; i++) await review(guardOver(file, SETTINGS), COUNT, 'ana');
    expect(await spent(guardOver(file, SETTINGS))).toBe(COST);
    await settle(await review(guardOver(file, SETTINGS), COUNT, 'ana'));
    expect(await spent(guardOver(file, SETTINGS))).toBe(COST);
  });

  it('spends once, though its rows changed, and of the old rows nothing is released then', async () => {
    const guard = guardOver(new MemoryLedgerFile(), SETTINGS);
    const first = await review(guard, COUNT, 'ana');
    const later = PEOPLE.slice(1);
    const second = await review(guard, COUNT, 'ana', later);
    expect(await spent(guard)).toBe(COST);
    await expect(settle(first)).rejects.toMatchObject({ code: 'DENIED' });
    await settle(second, later);
    // Answered, it is spent: the old rows cost anew.
    await settle(await review(guard, COUNT, 'ana'));
    expect(await spent(guard)).toBe(2 * COST);
  });

  it('spends once, wherever the file was cut while it was reserved', async () => {
    const whole = new MemoryLedgerFile();
    await review(guardOver(whole, SETTINGS), COUNT, 'ana');
    for (let size = 0; size <= whole.bytes.length; size += 5) {
      const file = new MemoryLedgerFile();
      file.bytes = whole.bytes.slice(0, size);
      await settle(await review(guardOver(file, SETTINGS), COUNT, 'ana'));
      expect(await spent(guardOver(file, SETTINGS)), `of ${size} bytes`).toBe(COST);
    }
  });

  it('has one answer where two asked the same at once', async () => {
    const guard = guardOver(new MemoryLedgerFile(), SETTINGS);
    const [one, two] = [await review(guard, COUNT, 'ana'), await review(guard, COUNT, 'bob')];
    expect(await settle(one)).toBe(await settle(two));
    expect(await spent(guard)).toBe(COST);
  });

  it('of rows that are as they were has the answer of then, whatever came and went', async () => {
    const guard = guardOver(new MemoryLedgerFile(), SETTINGS);
    const some = PEOPLE.slice(2);
    const answer = await settle(await review(guard, COUNT, 'ana', some), some);
    await settle(await review(guard, COUNT, 'ana'));
    expect(await settle(await review(guard, COUNT, 'ana', some), some)).toBe(answer);
    expect(await spent(guard)).toBe(2 * COST);
  });

  it('is another where somebody else asks of other rows', async () => {
    const guard = guardOver(new MemoryLedgerFile(), SETTINGS);
    await review(guard, COUNT, 'ana');
    await review(guard, COUNT, 'bob', PEOPLE.slice(1));
    expect(await spent(guard)).toBe(2 * COST);
  });

  it('does not have the reservation of another cost', async () => {
    const file = new MemoryLedgerFile();
    await review(guardOver(file, SETTINGS), COUNT, 'ana');
    const dearer = { ...SETTINGS, query: { ...NO_COST, microEpsilon: 3 * COST } };
    await review(guardOver(file, dearer), COUNT, 'ana');
    expect(await spent(guardOver(file, dearer))).toBe(4 * COST);
  });
});

test('whatever is asked, waits, dies or changes: no more answers than what was spent covers', async () => {
  const step = fc.record({
    sql: fc.integer({ min: 0, max: 3 }),
    name: fc.integer({ min: 0, max: 2 }),
    gone: fc.integer({ min: 0, max: 2 }),
    // Whether it goes on to settle, and whether another process answers from then on.
    settles: fc.boolean(),
    dies: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const file = new MemoryLedgerFile();
      let guard = guardOver(file, SETTINGS);
      /** Queries with their rows that were answered; each at most once with noise of its own. */
      const answers = new Map<string, unknown>();
      const asked = new Set<string>();
      for (const { sql, name, gone, settles, dies } of steps) {
        const rows = PEOPLE.slice(gone);
        const text = `${COUNT} WHERE age <> ${sql}`;
        const reserved = await review(guard, text, `${name} ${sql}`, rows);
        asked.add(`${name} ${text}`);
        if (settles) {
          const answer = await settle(reserved, rows);
          const key = `${text} ${gone}`;
          if (answers.has(key)) expect(answer).toBe(answers.get(key));
          answers.set(key, answer);
        }
        if (dies) guard = guardOver(file, SETTINGS);
      }
      const units = (await spent(guard)) / COST;
      expect(units).toBeGreaterThanOrEqual(answers.size);
      // Each request has at most one that waits beyond the answers that were given.
      expect(units).toBeLessThanOrEqual(answers.size + asked.size);
    }),
    { numRuns: 60 },
  );
});
