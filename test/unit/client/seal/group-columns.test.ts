import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clusteredOrder } from '../../../../src/client/seal/clustered.ts';
import { encryptGroupColumns } from '../../../../src/client/seal/group-columns.ts';
import { rankColumn } from '../../../../src/client/seal/rank.ts';
import { createPlainSecretEngine } from '../../../../src/engine/plain/plain-engine.ts';
import { sumParameters } from '../../../../src/params/presets.ts';
import { parseWireColumn } from '../../../../src/table/column-part.ts';
import { parseSchema } from '../../../../src/table/schema-json.ts';
import type { Batch } from '../../../../src/table/value.ts';

const engine = createPlainSecretEngine(sumParameters(48));
const schema = parseSchema({
  version: 1,
  table: 't',
  columns: {
    g: { type: 'text', nullable: true },
    x: { type: 'integer', nullable: true },
    y: { type: 'integer' },
  },
  groupBy: { g: { oblivious: [['x', 'y']] } },
});

interface Row {
  readonly g: string | null;
  readonly x: number | null;
  readonly y: number;
}

const cells = fc.array(
  fc.record<Row>({
    g: fc.constantFrom('a', 'b', 'c', null),
    x: fc.oneof(fc.constant(null), fc.integer({ min: -40, max: 40 }), fc.constant(-(2 ** 40))),
    y: fc.constantFrom(0, 1, 31, -32, 2 ** 53 - 1),
  }),
  { minLength: 1, maxLength: 12 },
);

function batchOf(rows: readonly Row[]): Batch {
  const valid = (list: readonly unknown[]): Uint8Array =>
    Uint8Array.from(list, (cell) => (cell === null ? 0 : 1));
  const ints = (list: readonly (number | null)[]): Batch['columns'][number] => ({
    kind: 'int',
    values: Float64Array.from(list, (cell) => cell ?? 0),
    valid: valid(list),
  });
  const g = rows.map((row) => row.g);
  return {
    rows: rows.length,
    columns: [
      { kind: 'text', values: g.map((cell) => cell ?? ''), valid: valid(g) },
      ints(rows.map(({ x }) => x)),
      ints(rows.map(({ y }) => y)),
    ],
  };
}

function decrypt(part: Uint8Array, rows: number): bigint[] {
  const chunk = parseWireColumn(part, 'a column').chunk(0);
  return Array.from(engine.decryptFresh(chunk).slice(0, rows), BigInt);
}

describe('the columns of private groups', () => {
  it('hold each product in the rows of their group, nothing elsewhere, and are numbered at random', () => {
    fc.assert(
      fc.property(cells, fc.nat(12), (rows, erased) => {
        const holes = erased < rows.length ? [erased] : [];
        const kept = rows.map((row, i) => (holes.includes(i) ? { g: null, x: null, y: 0 } : row));
        const batch = batchOf(kept);
        const ranked = schema.columns.map((column, i) =>
          rankColumn(batch.columns[i]!, column.type, holes),
        );
        const { meta, columns } = encryptGroupColumns(schema, batch, ranked, engine, 5);
        const [groups] = meta.groups!;
        const values = [...new Set(kept.map(({ g }) => g))].filter((g) => g !== null).sort();
        const nulls = kept.some(({ g }, i) => g === null && !holes.includes(i));
        const names = nulls ? [...values, null] : values;
        const used = groups!.products.flatMap((product) => [...product.columns]);
        expect(used.toSorted((a, b) => a - b)).toEqual(columns.map((_, i) => 5 + i));
        for (const { factors, notNull, digits, limbs, width, columns: own } of groups!.products) {
          const of = ({ x, y }: Row): bigint =>
            factors.reduce<bigint>(
              (all, factor) => all * BigInt(factor === 1 ? (x ?? 0) : y),
              notNull !== undefined && x === null ? 0n : 1n,
            );
          own.forEach((number, i) => {
            const [run, limb] = [Math.floor(i / limbs), i % limbs];
            const found = decrypt(columns[number - 5]!, kept.length);
            const wanted = kept.map((row, r) => {
              const digit = names.slice(run * digits, (run + 1) * digits).indexOf(row.g);
              if (digit === -1 || holes.includes(r)) return 0n;
              const value = of(row) >> BigInt(limb * width);
              const low = limb === limbs - 1 ? value : BigInt.asUintN(width, value);
              return low << BigInt(digit * 24);
            });
            expect(found).toEqual(wanted);
          });
        }
      }),
      { numRuns: 20 },
    );
  }, 60_000);

  it('come in another order each time', () => {
    const batch = batchOf('abcabc'.split('').map((g, i) => ({ g, x: i, y: 100 * i })));
    const ranked = schema.columns.map((column, i) => rankColumn(batch.columns[i]!, column.type));
    const orders = Array.from({ length: 8 }, () => {
      const { meta } = encryptGroupColumns(schema, batch, ranked, engine, 0);
      return meta.groups![0]!.products.map(({ columns }) => columns.join()).join(';');
    });
    expect(new Set(orders).size).toBeGreaterThan(1);
  });
});

describe('a clustered order', () => {
  const groups = fc.array(fc.integer({ min: -1, max: 4 }), { minLength: 1, maxLength: 200 });

  it('fills whole chunks with one group each, and leaves less than a chunk of each for the end', () => {
    fc.assert(
      fc.property(groups, fc.constantFrom(1, 4, 8), (of, chunk) => {
        const order = clusteredOrder(Int32Array.from(of), chunk);
        expect([...order].sort((a, b) => a - b)).toEqual(of.map((_, i) => i));
        const placed = Array.from(order, (row) => of[row]!);
        const whole = [...new Set(of)].reduce((sum, group) => {
          const size = of.filter((one) => one === group).length;
          return sum + size - (size % chunk);
        }, 0);
        for (let at = 0; at < whole; at += chunk) {
          expect(new Set(placed.slice(at, at + chunk)).size).toBe(1);
        }
        // What is left of a group lies together.
        const rest = placed.slice(whole);
        const changes = rest.filter((group, i) => i > 0 && group !== rest[i - 1]).length;
        expect(changes).toBe(Math.max(0, new Set(rest).size - 1));
      }),
    );
  });

  it('puts neither groups nor rows in an order that tells them', () => {
    const of = Int32Array.from({ length: 60 }, (_, i) => i % 3);
    const orders = Array.from({ length: 40 }, () => clusteredOrder(of, 20));
    expect(new Set(orders.map((order) => of[order[0]!])).size).toBe(3);
    expect(new Set(orders.map((order) => order[0]!)).size).toBeGreaterThan(5);
  });
});
