import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Records } from '../../src/client/records/api.ts';
import { and, not, or } from '../../src/client/typed/conditions.ts';
import { avg, count, max, sum } from '../../src/client/typed/aggregates.ts';
import { eachStore } from '../support/stores.ts';
import { tempVault, type TempVault } from '../support/vaults.ts';
import { byNumber, keyOf, rowOf, visit, VISITS, type VisitRow } from '../support/visit-records.ts';

eachStore('records', ({ kind }) => {
  let temp: TempVault;
  let visits: Records<typeof VISITS>;
  beforeAll(async () => {
    temp = await tempVault(kind);
    visits = await temp.vault.records(VISITS);
  });
  afterAll(() => temp[Symbol.asyncDispose]());

  const all = async (condition?: Parameters<typeof visits.find>[0]): Promise<VisitRow[]> => {
    const rows: VisitRow[] = [];
    for await (const row of visits.stream(condition, { page: 7 })) rows.push(row);
    return byNumber(rows);
  };
  const numbers = (from: number, to: number): number[] =>
    Array.from({ length: to - from }, (_, i) => from + i);

  test('of no table yet: nothing is found, and nothing to delete', async () => {
    expect(await visits.get(keyOf(0))).toBeUndefined();
    expect(await visits.find()).toEqual({ rows: [], next: undefined });
    expect(await all()).toEqual([]);
    expect(await visits.delete(keyOf(0))).toEqual({ rows: 0, epoch: 0 });
    expect(await visits.put([])).toEqual({ records: 0, replaced: 0, epoch: 0 });
  });

  test('are put, one and many, and read back as they are', async () => {
    expect(await visits.put(visit(0))).toEqual({ records: 1, replaced: 0, epoch: 1 });
    expect(await visits.put(numbers(1, 20).map((i) => visit(i)))).toMatchObject({ records: 19 });
    expect(await visits.get(keyOf(13))).toEqual(rowOf(13));
    expect(await visits.get({ ...keyOf(13), number: '13' })).toEqual(rowOf(13));
    expect(await visits.get(keyOf(20))).toBeUndefined();
    expect(await all()).toEqual(numbers(0, 20).map((i) => rowOf(i)));
    // A row that was read can be written as it is, but for what is computed.
    const { cost: _, ...row } = rowOf(13);
    expect(await visits.put(row)).toMatchObject({ records: 1, replaced: 1 });
    expect(await visits.get(keyOf(13))).toEqual(rowOf(13));
  });

  test('of an iterable are put in batches, into segments, and replace what has their key', async () => {
    const pulled: number[] = [];
    const progress: number[] = [];
    const source = (async function* () {
      for (const i of numbers(10, 60)) {
        pulled.push(i);
        yield visit(i, 1);
      }
    })();
    const report = await visits.put(source, { batch: 20, onProgress: (n) => progress.push(n) });
    expect(report).toMatchObject({ records: 50, replaced: 10 });
    expect(progress).toEqual([20, 40, 50]);
    expect(pulled).toEqual(numbers(10, 60));
    await temp.vault.compact('visits');
    expect((await temp.vault.tables())[0]).toMatchObject({ rows: 60, deltaRows: 0, segments: 1 });
    const expected = [
      ...numbers(0, 10).map((i) => rowOf(i)),
      ...numbers(10, 60).map((i) => rowOf(i, 1)),
    ];
    expect(await all()).toEqual(expected);
    // Now rows of a segment are replaced, and one that is new comes with them.
    expect(await visits.put([visit(5, 2), visit(60, 2), visit(59, 2)])).toMatchObject({
      records: 3,
      replaced: 2,
    });
    expect(await visits.get(keyOf(5))).toEqual(rowOf(5, 2));
    expected[5] = rowOf(5, 2);
    expected[59] = rowOf(59, 2);
    expect(await all()).toEqual([...expected, rowOf(60, 2)]);
    // Of two with one key in a list the later counts.
    expect(await visits.put([visit(60, 3), visit(60, 4)])).toMatchObject({ replaced: 1 });
    expect(await visits.get(keyOf(60))).toEqual(rowOf(60, 4));
  });

  test('that exist are refused where that is asked for, and nothing is stored', async () => {
    const refuse = { onConflict: 'refuse' } as const;
    const { epoch } = (await temp.vault.tables())[0]!;
    await expect(visits.put([visit(70), visit(5)], refuse)).rejects.toMatchObject({
      code: 'KEY_TAKEN',
      details: { table: 'visits', line: 2 },
    });
    await expect(visits.put([visit(70), visit(71), visit(70)], refuse)).rejects.toMatchObject({
      details: { line: 3 },
    });
    expect((await temp.vault.tables())[0]!.epoch).toBe(epoch);
    expect(await visits.get(keyOf(70))).toBeUndefined();
    expect(await visits.put(visit(61, 1), refuse)).toMatchObject({ replaced: 0 });
    await visits.delete(keyOf(61));
  });

  test('are found by conditions, as the query builder finds them', async () => {
    const found = await all(
      or(['ward', '=', 'ward 1'], and(['fee', 'is', null], not(['urgent', '=', false]))),
    );
    const rows = await all();
    const expected = rows.filter(
      ({ ward, fee, urgent }) => ward === 'ward 1' || (fee === null && urgent !== false),
    );
    expect(found).toEqual(expected);
    const built = await temp.vault
      .from(VISITS)
      .where('number', 'between', [5, 30])
      .where('patient', 'in', ['patient 1', 'patient 2'])
      .orderBy('number')
      .execute();
    const some = rows.filter(
      ({ number, patient }) => Number(number) >= 5 && Number(number) <= 30 && /[12]$/.test(patient),
    );
    expect(built.rows).toEqual(some);
    const grouped = await temp.vault
      .from(VISITS)
      .select('urgent', count(), sum('fee').as('fees'), avg('number'), max('admitted').as('last'))
      .groupBy('urgent')
      .orderBy('urgent')
      .execute();
    const written = await temp.vault.query(
      'SELECT urgent, COUNT(*), SUM(fee), AVG(number), MAX(admitted) FROM visits GROUP BY urgent ORDER BY urgent',
    );
    expect(grouped.rows.map((row) => Object.values(row))).toEqual(written.rows);
    expect(Object.keys(grouped.rows[0]!)).toEqual(['urgent', 'count', 'fees', 'avg', 'last']);
    const explanation = await temp.vault.from(VISITS).where('ward', '=', 'x').explain();
    expect(explanation.verdict).toBe('answerable');
  });

  test('come in pages, each row once, while others are put and deleted', async () => {
    const before = new Map((await all()).map((row) => [row.number, row]));
    const seen: VisitRow[] = [];
    let after: string | undefined;
    let page = 0;
    do {
      const got = await visits.find(['number', '>=', 3], { limit: 9, after });
      expect(got.rows.length).toBeLessThanOrEqual(9);
      seen.push(...got.rows);
      after = got.next;
      // New rows, a row that goes, and one that stays but is put again.
      if (page === 1) await visits.put(numbers(100, 110).map((i) => visit(i)));
      if (page === 2) await visits.delete(keyOf(101));
      if (page === 3) await visits.put(visit(102, 5));
      page++;
    } while (after !== undefined);
    expect(page).toBeGreaterThan(5);
    const stayed = byNumber(seen.filter(({ number }) => Number(number) < 100));
    expect(stayed).toEqual([...before.values()].filter(({ number }) => Number(number) >= 3));
    await visits.delete(['number', '>=', 100]);
  });

  test('are deleted by key and by condition, and erased by subject', async () => {
    expect(await visits.delete(keyOf(8))).toMatchObject({ rows: 1 });
    expect(await visits.delete(keyOf(8))).toMatchObject({ rows: 0 });
    expect(await visits.get(keyOf(8))).toBeUndefined();
    const many = (await all()).filter(({ number }) => Number(number) >= 50).length;
    expect(await visits.delete(['number', '>=', 50])).toMatchObject({ rows: many });
    const left = await all();
    const gone = left.filter(({ patient }) => patient === 'patient 3');
    expect(gone.length).toBeGreaterThan(3);
    expect(await visits.erase('patient 3')).toMatchObject({ rows: gone.length });
    expect(await all()).toEqual(left.filter(({ patient }) => patient !== 'patient 3'));
    const findings = await temp.vault.check({ deep: true });
    expect(findings.filter(({ level }) => level === 'problem')).toEqual([]);
  });

  describe('a cursor', () => {
    test('is refused where it was altered, and of another condition or table', async () => {
      const { next } = await visits.find(['number', '>=', 0], { limit: 2 });
      const code = 'CURSOR_INVALID';
      const go = (after: string): Promise<unknown> =>
        visits.find(['number', '>=', 0], { limit: 2, after });
      await go(next!);
      const other = next!.at(-5) === 'A' ? 'B' : 'A';
      const altered = [
        `${next!.slice(0, -5)}${other}${next!.slice(-4)}`,
        `${next!}A`,
        `${next!}=`,
        ` ${next!}`,
      ];
      for (const after of [...altered, next!.slice(1), '', 'x'.repeat(10_000)]) {
        await expect(go(after)).rejects.toMatchObject({ code });
      }
      await expect(visits.find(['number', '>=', 1], { after: next })).rejects.toMatchObject({
        code,
      });
      await expect(visits.find(undefined, { after: next })).rejects.toMatchObject({ code });
      const others = await temp.vault.records({ ...VISITS, table: 'others' });
      await expect(others.find(['number', '>=', 0], { after: next })).rejects.toMatchObject({
        code,
      });
      await others.put(visit(1));
      await expect(others.find(['number', '>=', 0], { after: next })).rejects.toMatchObject({
        code,
      });
    });

    test('expires when the rows it has passed are laid out anew', async () => {
      await visits.put(numbers(200, 230).map((i) => visit(i)));
      await temp.vault.compact('visits');
      const { next } = await visits.find(undefined, { limit: 2 });
      await visits.delete(keyOf(200));
      await visits.find(undefined, { limit: 2, after: next });
      await visits.erase('patient 5');
      await expect(visits.find(undefined, { after: next })).rejects.toMatchObject({
        code: 'CURSOR_EXPIRED',
        retryable: false,
      });
    });
  });

  test('what does not fit is refused', async () => {
    const bad = async (run: () => Promise<unknown>, code: string): Promise<void> => {
      await expect(run()).rejects.toMatchObject({ code });
    };
    await bad(() => visits.put({ ...visit(1), fee: '1.234' }), 'VALUE_INVALID');
    await bad(() => visits.put({ ...visit(1), cost: 3 } as never), 'SCHEMA_MISMATCH');
    await bad(() => visits.put({ patient: 'p' } as never), 'NULL_NOT_ALLOWED');
    await bad(() => visits.put('text' as never), 'INPUT_MALFORMED');
    await bad(() => visits.put([], { batch: 0 }), 'TYPE_MISMATCH');
    await bad(() => visits.get('patient 1' as never), 'TYPE_MISMATCH');
    await bad(() => visits.get({ patient: 'p' } as never), 'TYPE_MISMATCH');
    await bad(() => visits.get({ ...keyOf(1), number: 'one' } as never), 'TYPE_MISMATCH');
    await bad(() => visits.find(undefined, { limit: 0 }), 'TYPE_MISMATCH');
    await bad(() => visits.find(['height', '=', 1] as never), 'UNKNOWN_COLUMN');
    await bad(() => visits.find({} as never), 'TYPE_MISMATCH');
    await bad(() => visits.erase(undefined as never), 'TYPE_MISMATCH');
    const { key: _, ...keyless } = VISITS;
    await bad(() => temp.vault.records(keyless), 'SCHEMA_MISMATCH');
    await bad(
      () =>
        temp.vault.records({ ...VISITS, columns: { ...VISITS.columns, ward: { type: 'text' } } }),
      'SCHEMA_MISMATCH',
    );
  });
});
