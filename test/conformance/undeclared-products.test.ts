/** SUM(x * y) of undeclared pairs, end to end on every store. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomId } from '../../src/bytes/random.ts';
import { sha256 } from '../../src/bytes/hash.ts';
import type { Vault } from '../../src/client/api.ts';
import { deriveProductSecret } from '../../src/keys/product-secret.ts';
import { openProductEngine } from '../../src/keys/secret.ts';
import { productParameters, sumParameters } from '../../src/params/presets.ts';
import { EmbeddedLink } from '../../src/run/embedded.ts';
import { MemoryBackend } from '../../src/store/backends/memory.ts';
import { encodeWireColumn } from '../../src/table/column-part.ts';
import { eachStore } from '../support/stores.ts';
import { tempVault, type TempVault } from '../support/vaults.ts';

const schema = {
  version: 1,
  table: 't',
  columns: {
    x: { type: 'integer' },
    y: { type: 'integer', nullable: true },
    k: { type: 'integer' },
    g: { type: 'text' },
  },
  undeclared: 'product',
};

interface Row {
  x: number;
  y: number | null;
  k: number;
  g: string;
}

/** Three chunks of slots, the last one short; x is split, y is not. */
const rows = Array.from({ length: 17_000 }, (_, i): Row => ({
  x: ((i * 7919) % 3_000_001) - 1_500_000,
  y: i % 13 === 0 ? null : (i * 31) % 997,
  k: i,
  g: `g${i % 3}`,
}));

function sum(some: readonly Row[], a: 'x' | 'y' | 'k', b: 'x' | 'y' | 'k'): string {
  let total = 0n;
  for (const row of some) {
    if (row[a] !== null && row[b] !== null) total += BigInt(row[a]) * BigInt(row[b]);
  }
  return total.toString();
}

eachStore('undeclared products', ({ kind }) => {
  let temp: TempVault;
  let vault: Vault;
  let live = rows;
  beforeAll(async () => {
    temp = await tempVault(kind);
    vault = temp.vault;
    await vault.ingest(schema, rows);
  });
  afterAll(() => temp[Symbol.asyncDispose]());

  const answer = async (sql: string): Promise<unknown> => (await vault.query(sql)).rows;
  const check = async (): Promise<void> => {
    expect(await answer('SELECT SUM(x * k), SUM(x * y) FROM t')).toEqual([
      [sum(live, 'x', 'k'), sum(live, 'x', 'y')],
    ]);
    const some = live.filter(({ k }) => k < 5000);
    expect(await answer('SELECT SUM(x * y) FROM t WHERE k < 5000')).toEqual([
      [sum(some, 'x', 'y')],
    ]);
    expect(await answer('SELECT g, SUM(y * k) FROM t WHERE k >= 100 GROUP BY g')).toEqual(
      ['g0', 'g1', 'g2'].map((g) => {
        const group = live.filter((row) => row.g === g && row.k >= 100);
        return [g, sum(group, 'y', 'k')];
      }),
    );
  };

  it('are exact, with filters, groups and NULLs', check);

  it('stay so when rows are deleted, appended, erased and compacted', async () => {
    await vault.delete('DELETE FROM t WHERE k BETWEEN 300 AND 900');
    live = live.filter(({ k }) => k < 300 || k > 900);
    await check();
    const more: Row[] = [
      { x: -5, y: 7, k: 20_000, g: 'g1' },
      { x: 2_000_000, y: null, k: 20_001, g: 'g2' },
    ];
    await vault.ingest(schema, more, { append: true });
    live = [...live, ...more];
    await check();
    await vault.delete('DELETE FROM t WHERE k = 5', [], { erase: true });
    live = live.filter(({ k }) => k !== 5);
    await vault.compact('t');
    await check();
  });

  it('are loaded and checked by doctor', async () => {
    const findings = await vault.check({ deep: true });
    expect(findings.filter(({ level }) => level === 'problem')).toEqual([]);
  });

  it('are no larger a reply for more rows', async () => {
    const { stats } = await vault.query('SELECT SUM(y * k) FROM t');
    // Three polynomials of three limbs, and the counts.
    expect(stats.bytesDown).toBeLessThan(4 * 9 * 8192 + 4096);
  });
});

describe('a table that can multiply', () => {
  it('explains what it does, and uses a declared pair where there is one', async () => {
    await using temp = await tempVault('memory');
    const { vault } = temp;
    await vault.ingest({ ...schema, pairs: [['x', 'y']] }, rows.slice(0, 50));
    const multiplied = await vault.explain('SELECT SUM(x * k) FROM t WHERE k < 9');
    const { n } = productParameters();
    expect(multiplied.plan.join('\n')).toMatch(
      /x \* k, multiplied by the store: 2 ciphertext sums of products \(BGV, n 8192, t 277904818487297\)/,
    );
    expect(multiplied.notes.join()).toMatch(/product of x and k is not declared.*112 bytes a row/);
    expect(multiplied.cost.replyBytes).toBe(2 * 3 * 3 * n * 4);
    expect(multiplied.bounds.map(({ term }) => term)).toEqual(['x * k', 'x * k, times 2^18']);
    for (const { noise, noiseLimit, magnitude, magnitudeLimit } of multiplied.bounds) {
      expect(BigInt(noise)).toBeLessThan(BigInt(noiseLimit));
      expect(BigInt(magnitude)).toBeLessThan(BigInt(magnitudeLimit));
    }
    expect(multiplied.leakage.at(-1)).toMatchObject({ node: 'sum', index: 'bfv, bgv' });
    const declared = await vault.explain('SELECT SUM(x * y) FROM t');
    expect(declared.plan.join('\n')).not.toMatch(/multiplied/);
    expect(declared.leakage.at(-1)).toMatchObject({ node: 'sum', index: 'bfv' });
  });

  it('is made by default of six to eight numeric columns', async () => {
    await using temp = await tempVault('memory');
    const { vault } = temp;
    const table = (name: string, count: number): object => ({
      version: 1,
      table: name,
      columns: Object.fromEntries(
        Array.from({ length: count }, (_, i) => [`c${i}`, { type: 'integer' }]),
      ),
    });
    const row = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`c${i}`, i + 2]));
    const cells = (count: number): object =>
      Object.fromEntries(Object.entries(row).slice(0, count));
    await vault.ingest(table('six', 6), [cells(6) as Record<string, number>]);
    await vault.ingest(table('nine', 9), [cells(9) as Record<string, number>]);
    expect((await vault.query('SELECT SUM(c0 * c5) FROM six')).rows).toEqual([['14']]);
    await expect(vault.query('SELECT SUM(c0 * c5) FROM nine')).rejects.toMatchObject({
      code: 'CAPABILITY_MISSING',
      message: expect.stringContaining('"pairs": [["c0","c5"]]'),
    });
    const none = { ...table('none', 6), undeclared: 'none' };
    await vault.ingest(none, [cells(6) as Record<string, number>]);
    await expect(vault.query('SELECT SUM(c0 * c5) FROM none')).rejects.toMatchObject({
      code: 'CAPABILITY_MISSING',
    });
  });

  it('bounds the groups of a query that multiplies', async () => {
    await using temp = await tempVault('memory');
    const { vault } = temp;
    await vault.ingest(schema, rows.slice(0, 600));
    await expect(
      vault.query('SELECT k, SUM(x * y), SUM(x * k) FROM t GROUP BY k'),
    ).rejects.toMatchObject({ code: 'GROUP_LIMIT' });
  });
});

describe('a store given a hostile column to multiply', () => {
  const { n, dataPrimes } = productParameters();

  it('refuses it', async () => {
    using engine = await openProductEngine(deriveProductSecret(new Uint8Array(32), n));
    const chunk = engine.encrypt([1n]);
    const table = randomId();
    await using link = new EmbeddedLink(new MemoryBackend());
    const put = async (bytes: Uint8Array): Promise<string> => {
      const part = { table, id: randomId(), kind: 'column' as const, bytes };
      return await link.put({ ...part, digest: sha256(bytes) }).then(
        () => 'stored',
        (error: { code: string }) => error.code,
      );
    };
    const good = encodeWireColumn({ n, primes: dataPrimes }, [chunk]);
    expect(await put(good)).toBe('stored');
    const swapped = [dataPrimes[1]!, dataPrimes[0]!, ...dataPrimes.slice(2)];
    const six = dataPrimes.slice(0, 6);
    const hostile = [
      good.subarray(0, good.length - 1),
      good.with(good.length - 1, 0xff),
      encodeWireColumn({ n, primes: swapped }, [chunk]),
      encodeWireColumn({ n, primes: six }, [{ ...chunk, c0: chunk.c0.subarray(0, 6 * n) }]),
      encodeWireColumn({ n: 2 * n, primes: dataPrimes }, [
        { ...chunk, c0: new Uint32Array(14 * n) },
      ]),
      encodeWireColumn({ n, primes: sumParameters(48).dataPrimes }, [
        { ...chunk, c0: new Uint32Array(3 * n) },
      ]),
    ];
    for (const bytes of hostile) expect(await put(bytes)).toBe('BYTES_INVALID');
  });
});
