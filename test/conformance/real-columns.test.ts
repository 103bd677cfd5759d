/** Sums of real columns: exact on what was stored, within the bound of what was given. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Vault } from '../../src/client/api.ts';
import { doubleParts } from '../../src/bytes/double.ts';
import { eachStore } from '../support/stores.ts';
import { tempVault, type TempVault } from '../support/vaults.ts';

const schema = {
  version: 1,
  table: 't',
  columns: {
    x: { type: 'real' },
    y: { type: 'real', nullable: true },
    n: { type: 'integer' },
    g: { type: 'text' },
  },
  pairs: [
    ['x', 'y'],
    ['x', 'n'],
  ],
};

interface Row {
  x: number;
  y: number | null;
  n: number;
  g: string;
}

const UNIT = 2160;

/** A double in units of 2^-1080, exactly. */
function exact(value: number): bigint {
  const { mantissa, exponent } = doubleParts(value);
  return BigInt(mantissa) << BigInt(1080 + exponent);
}

function total(rows: readonly Row[], of: (row: Row) => readonly number[]): bigint {
  return rows.reduce((sum, row) => {
    const [a, b] = of(row).map(exact);
    return sum + (b === undefined ? a! << 1080n : a! * b);
  }, 0n);
}

/** Whether a double is within `error` of sum·2^-2160. */
function isWithin(found: unknown, error: number | null, sum: bigint): boolean {
  const distance = (exact(found as number) << BigInt(UNIT - 1080)) - sum;
  return (distance < 0n ? -distance : distance) <= exact(error!) << BigInt(UNIT - 1080);
}

const rows = Array.from({ length: 9_000 }, (_, i): Row => ({
  x: Math.sin(i) * 10 ** (i % 25),
  y: i % 11 === 0 ? null : Math.cos(i) / 3,
  n: (i * 7919) % 1009,
  g: `g${i % 3}`,
}));

eachStore('real columns', ({ kind }) => {
  let temp: TempVault;
  let vault: Vault;
  let live = rows;
  beforeAll(async () => {
    temp = await tempVault(kind);
    vault = temp.vault;
    await vault.ingest(schema, rows);
  });
  afterAll(() => temp[Symbol.asyncDispose]());

  const check = async (where: string, some: readonly Row[]): Promise<void> => {
    const { rows: found, stats } = await vault.query(
      `SELECT SUM(x), SUM(y), SUM(x * x), SUM(x * y), SUM(x * n), SUM(n) FROM t WHERE ${where}`,
    );
    const present = some.filter(({ y }) => y !== null);
    const sums = [
      total(some, ({ x }) => [x]),
      total(present, ({ y }) => [y!]),
      total(some, ({ x }) => [x, x]),
      total(present, ({ x, y }) => [x, y!]),
      total(some, ({ x, n }) => [x, n]),
    ];
    for (const [i, sum] of sums.entries()) {
      expect(isWithin(found[0]![i], stats.errors![i]!, sum)).toBe(true);
    }
    expect(found[0]![5]).toBe(String(some.reduce((sum, { n }) => sum + n, 0)));
    expect(stats.errors![5]).toBeNull();
    expect(stats.error).toBe(Math.max(...stats.errors!.slice(0, 5).map(Number)));
  };

  it('are summed within the bound, whatever the filter', async () => {
    await check('n >= 0', live);
    await check(
      'n < 300',
      live.filter(({ n }) => n < 300),
    );
    await check(
      'x > 1e20',
      live.filter(({ x }) => x > 1e20),
    );
  });

  it('are so by group', async () => {
    const { rows: found, stats } = await vault.query(
      'SELECT g, SUM(x), COUNT(y) FROM t WHERE n < 500 GROUP BY g ORDER BY g',
    );
    expect(found.map(([g]) => g)).toEqual(['g0', 'g1', 'g2']);
    for (const [g, sum, count] of found) {
      const group = live.filter((row) => row.g === g && row.n < 500);
      expect(
        isWithin(
          sum,
          stats.errors![1]!,
          total(group, ({ x }) => [x]),
        ),
      ).toBe(true);
      expect(count).toBe(String(group.filter(({ y }) => y !== null).length));
    }
  });

  it('have exact extremes and quantiles, beside sums within their bound', async () => {
    const { rows: found, stats } = await vault.query(
      `SELECT g, MIN(x), AVG(x), MAX(x), MEDIAN(y), COUNT(DISTINCT y), MAX(x) - MIN(x), SUM(y)
       FROM t WHERE n < 500 GROUP BY g HAVING MIN(x) < 0 AND AVG(x) <> 0 ORDER BY MAX(y) DESC, g`,
    );
    const groups = [...Map.groupBy(live, ({ g }) => g)].map(([g, all]) => {
      const some = all.filter(({ n }) => n < 500);
      const xs = some.map(({ x }) => x).sort((a, b) => a - b);
      const ys = some.flatMap(({ y }) => y ?? []).sort((a, b) => a - b);
      return { g, xs, ys };
    });
    groups.sort((a, b) => b.ys.at(-1)! - a.ys.at(-1)! || (a.g < b.g ? -1 : 1));
    expect(found.map(([g]) => g)).toEqual(groups.map(({ g }) => g));
    for (const [i, { xs, ys }] of groups.entries()) {
      const [, min, avg, max, median, distinct, span, sum] = found[i]!;
      expect([min, max, distinct]).toEqual([xs[0], xs.at(-1), String(new Set(ys).size)]);
      const close = (value: unknown, column: number, is: bigint, times = 1n): void => {
        const distance = exact(value as number) * times - is;
        const bound = exact(stats.errors![column]!) * times;
        expect(distance < 0n ? -distance : distance).toBeLessThanOrEqual(bound);
      };
      const add = (some: readonly number[]): bigint => some.reduce((all, x) => all + exact(x), 0n);
      close(avg, 2, add(xs), BigInt(xs.length));
      const half = ys.length / 2;
      close(median, 4, exact(ys[Math.ceil(half) - 1]!) + exact(ys[Math.floor(half)]!), 2n);
      close(span, 6, exact(xs.at(-1)!) - exact(xs[0]!));
      close(sum, 7, add(ys));
    }
    expect(Math.min(stats.errors![2]!, stats.errors![7]!)).toBeGreaterThan(0);
    expect([stats.errors![1], stats.errors![3], stats.errors![5]]).toEqual([0, 0, null]);
  });

  it('are exact where only extremes and quantiles are asked for', async () => {
    const xs = live.map(({ x }) => x).sort((a, b) => a - b);
    const { rows: found, stats } = await vault.query(
      `SELECT MIN(x), MAX(x), PERCENTILE_DISC(0.25) WITHIN GROUP (ORDER BY x),
              MIN(x) IS NULL, 2 * MIN(x) > MIN(x), MIN(x) / MIN(x) FROM t`,
    );
    const quarter = xs[Math.ceil(xs.length / 4) - 1];
    expect(found).toEqual([[xs[0], xs.at(-1), quarter, false, false, 1]]);
    expect(stats.errors).toEqual([0, 0, 0, null, null, 0]);
    expect(stats.error).toBe(0);
  });

  it('stay so when rows are deleted, appended with other magnitudes, erased and compacted', async () => {
    await vault.delete('DELETE FROM t WHERE n < 100');
    live = live.filter(({ n }) => n >= 100);
    await check('n >= 0', live);
    const tiny = rows.slice(0, 4200).map((row) => ({ ...row, x: row.x * 1e-300 }));
    await vault.ingest(schema, tiny, { append: true });
    live = [...live, ...tiny];
    const few = [
      { x: 5e-324, y: -1e-310, n: 2000, g: 'g0' },
      { x: 1e120, y: 1e-120, n: 2000, g: 'g1' },
    ];
    await vault.ingest(schema, few, { append: true });
    live = [...live, ...few];
    await check('n >= 0', live);
    await check('n = 2000', few);
    await vault.delete('DELETE FROM t WHERE n = 500', [], { erase: true });
    live = live.filter(({ n }) => n !== 500);
    await check('n >= 0', live);
    await vault.compact();
    await check('n >= 0', live);
    await check('n = 2000', few);
  });
});

it('sums that are asked of the leading groups alone carry their bounds', async () => {
  await using temp = await tempVault('memory');
  const many = rows.slice(0, 3000).map((row, i) => ({ ...row, g: `g${(i * i) % 150}` }));
  await temp.vault.ingest(schema, many);
  const { rows: found, stats } = await temp.vault.query(
    `SELECT g, SUM(x), SUM(y), SUM(n), MIN(y), COUNT(*) FROM t
     GROUP BY g ORDER BY COUNT(*) DESC, g LIMIT 3`,
  );
  // What decides the order, then the sums and the opened blocks of three groups.
  expect(stats.rounds).toBeGreaterThan(1);
  expect(found.length).toBe(3);
  for (const [g, x, y, n, least, count] of found) {
    const some = many.filter((row) => row.g === g);
    const ys = some.flatMap((row) => row.y ?? []);
    const sumOf = (values: readonly number[]): bigint =>
      values.reduce((sum, value) => sum + (exact(value) << 1080n), 0n);
    expect(isWithin(x, stats.errors![1]!, sumOf(some.map((row) => row.x)))).toBe(true);
    expect(isWithin(y, stats.errors![2]!, sumOf(ys))).toBe(true);
    expect(n).toBe(String(some.reduce((sum, row) => sum + row.n, 0)));
    expect([least, count]).toEqual([Math.min(...ys), String(some.length)]);
  }
  const exactly = stats.errors!.map((error) => error === null);
  expect(exactly).toEqual([true, false, false, true, false, true]);
  expect(stats.errors![1]).toBeGreaterThan(0);
  expect(stats.errors![4]).toBe(0);
});

it('products that the store multiplies are within the bound too', async () => {
  await using temp = await tempVault('memory');
  const some = rows.slice(0, 600);
  const multiplied = { ...schema, pairs: [], undeclared: 'product' };
  await temp.vault.ingest(multiplied, [...some, ...rows.slice(0, 5000)]);
  const all = [...some, ...rows.slice(0, 5000)];
  const { rows: found, stats } = await temp.vault.query(
    'SELECT SUM(x * y), SUM(y * n), CORR(x, y) FROM t WHERE n > 400',
  );
  const present = all.filter(({ y, n }) => y !== null && n > 400);
  const sums = [total(present, ({ x, y }) => [x, y!]), total(present, ({ y, n }) => [y!, n])];
  for (const [i, sum] of sums.entries()) {
    expect(isWithin(found[0]![i], stats.errors![i]!, sum)).toBe(true);
  }
  expect(Math.abs(Number(found[0]![2]))).toBeLessThan(1);
});

it('variances, and what the bound does not decide', async () => {
  await using temp = await tempVault('memory');
  const values = { version: 1, table: 'v', columns: { x: { type: 'real' }, g: { type: 'text' } } };
  const wide = Array.from({ length: 4_200 }, (_, i) => ({
    x: i === 0 ? 1e300 : (i % 7) * 1e-300 + 1e-300,
    g: i === 0 ? 'wide' : 'tiny',
  }));
  await temp.vault.ingest(values, wide);
  const { rows: found, stats } = await temp.vault.query(
    'SELECT g, SUM(x), SUM(x) > 0, VAR_POP(x) = 0, 1 / SUM(x), CORR(x, x) FROM v GROUP BY g',
  );
  // 1e-300 beside 1e300 is rounded to 0, within the bound; whether it is 0 nobody can tell.
  expect(found).toEqual([
    ['tiny', 0, null, null, null, null],
    ['wide', 1e300, true, null, 1e-300, null],
  ]);
  expect(stats.errors![1]).toBeGreaterThan(4199 * 4e-300);
  expect(stats.errors![1]).toBeLessThan(1e300 * 4199 * 2 ** -53);
});

it('NaN and infinities are refused at ingest, and a sum past the doubles when it is shown', async () => {
  await using temp = await tempVault('memory');
  const values = { version: 1, table: 'v', columns: { x: { type: 'real' } } };
  for (const x of [Number.NaN, Infinity, -Infinity]) {
    await expect(temp.vault.ingest(values, [{ x }])).rejects.toMatchObject({
      code: 'VALUE_INVALID',
    });
  }
  await temp.vault.ingest(values, [{ x: Number.MAX_VALUE }, { x: Number.MAX_VALUE }]);
  await expect(temp.vault.query('SELECT SUM(x) FROM v')).rejects.toMatchObject({
    code: 'OVERFLOW_BOUND',
  });
  const { rows: found } = await temp.vault.query('SELECT AVG(x), STDDEV_POP(x) FROM v');
  expect(found).toEqual([[Number.MAX_VALUE, 0]]);
});
