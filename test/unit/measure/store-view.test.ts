import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Sighting } from '../../../src/measure/store-view.ts';
import { people, PEOPLE, recordedVault, type Recorded } from './support.ts';

describe('the store’s view', () => {
  /** Two segments: an append of more than the delta holds. */
  const rows = [...people(500, 1, true), ...people(4500, 2, true)];
  let recorded: Recorded;
  beforeAll(async () => {
    recorded = await recordedVault();
    await recorded.vault.ingest(PEOPLE, rows.slice(0, 500));
    await recorded.vault.ingest(PEOPLE, rows.slice(500), { append: true });
  });
  afterAll(() => recorded[Symbol.asyncDispose]() as Promise<void>);

  const see = async (condition: string, what = 'COUNT(*)'): Promise<Sighting> => {
    const { vault, link, view } = recorded;
    link.take();
    await vault.query(`SELECT ${what} FROM people WHERE ${condition}`);
    return await (await view()).see(link.take());
  };

  test.each([
    ["city = 'city 3'", (p: (typeof rows)[0]) => p.city === 'city 3'],
    ['age IS NULL', (p: (typeof rows)[0]) => p.age === null],
    [
      'age BETWEEN 30 AND 35',
      (p: (typeof rows)[0]) => p.age !== null && p.age >= 30 && p.age <= 35,
    ],
    ["city = 'city 1' AND smoker", (p: (typeof rows)[0]) => p.city === 'city 1' && p.smoker],
    ["city = 'nowhere'", () => false],
  ])('of %s: as many rows as match, each once', async (condition, matches) => {
    const { rows: found } = await see(condition);
    expect(found).toHaveLength(rows.filter(matches).length);
    expect(new Set(found).size).toBe(found!.length);
    expect((await recorded.view()).rows).toBe(rows.length);
  });

  test('a query is told again, and from others; values of a column share no row', async () => {
    const [first, again, other] = [
      await see("city = 'city 3'"),
      await see("city = 'city 3'"),
      await see("city = 'city 4'"),
    ];
    expect(again.token).toBe(first.token);
    expect(again.rows).toEqual(first.rows);
    expect(other.token).not.toBe(first.token);
    expect(other.rows!.filter((row) => first.rows!.includes(row))).toEqual(new Uint32Array(0));
  });

  test('a transcript has the calls in order: tokens of each segment, then records that are fetched', async () => {
    const { transcript, rows: found, lookups } = await see("city = 'city 9'", 'age');
    const [search, ...fetches] = transcript;
    expect(search).toMatchObject({ found: found!.length });
    expect(search!.touched).toHaveLength(2);
    expect(search!.up).toBeGreaterThan(64);
    const fetched = fetches.flatMap(({ touched }) => touched);
    expect(fetched).toHaveLength(found!.length);
    // No lookup in a hiding index.
    expect(lookups).toEqual({ token: '', transcript: [] });
  });

  test('a range fetches sealed blocks of its ends: lookups of their own', async () => {
    const { lookups } = await see('age BETWEEN 30 AND 35');
    expect(lookups.transcript.length).toBeGreaterThan(0);
    for (const { touched, down } of lookups.transcript) {
      expect(touched.length).toBeGreaterThan(0);
      expect(down).toBeGreaterThan(0);
    }
  });

  test('deleted rows are in no set any more, and an old view says that the table moved on', async () => {
    const old = await recorded.view();
    await recorded.vault.delete("DELETE FROM people WHERE city = 'city 2'");
    expect((await see("city = 'city 2'")).rows).toHaveLength(0);
    expect((await see("city = 'city 3'")).rows).toHaveLength(
      rows.filter(({ city }) => city === 'city 3').length,
    );
    recorded.link.take();
    await recorded.vault.query("SELECT COUNT(*) FROM people WHERE city = 'city 3'");
    await expect(old.see(recorded.link.take())).rejects.toMatchObject({ code: 'EPOCH_CONFLICT' });
  });
});
