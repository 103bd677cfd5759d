import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ownData } from '../../../../src/measure/bench/own-data.ts';
import { questionsOf } from '../../../../src/measure/bench/questions.ts';
import { truthOf } from '../../../../src/measure/bench/truth.ts';

const folder = mkdtempSync(join(tmpdir(), 'opaline-own-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const { signal } = new AbortController();

function given(csv: string, columns: object): [string, string] {
  const paths: [string, string] = [join(folder, 'visits.csv'), join(folder, 'schema.json')];
  writeFileSync(paths[0], csv);
  writeFileSync(paths[1], JSON.stringify({ version: 1, table: 'visits', columns }));
  return paths;
}

const COLUMNS = {
  ward: { type: 'text' },
  doctor: { type: 'text' },
  days: { type: 'integer', nullable: true },
  fee: { type: 'decimal', scale: 2 },
  big: { type: 'integer' },
  at: { type: 'timestamp' },
  note: { type: 'document' },
};
const CSV = `ward,doctor,days,fee,big,at,note
A,x,1,1.50,1,2020-01-01 00:00:00,all well
B,y,2,2.25,99999999999,2020-01-01 00:00:00,not well
A,y,,3.00,1,2020-01-01 00:00:00,gone
A,z,2,1.50,1,2020-01-01 00:00:00,all gone
`;

describe('a table of one’s own', () => {
  test('takes the columns that schemes know, rows without NULL, and a key', async () => {
    const data = await ownData(...given(CSV, COLUMNS), signal);
    expect(data).toMatchObject({ name: 'visits.csv', mostRows: 3 });
    expect(data.source).toMatch(/1 rows with a NULL left out/);
    const table = await data.table(3);
    expect(Object.keys(table.columns)).toEqual([
      'ward',
      'doctor',
      'days',
      'fee',
      'note',
      'lab_key',
    ]);
    expect(table.columns['fee']).toEqual({ kind: 'integer', values: Int32Array.of(150, 225, 150) });
    const asked = questionsOf(table);
    expect(asked.find(({ workload }) => workload === 'private-lookup')).toMatchObject({
      where: { column: 'lab_key' },
    });
    const sum = asked.find(({ workload }) => workload === 'sum')!;
    expect(truthOf(sum, table)).toEqual(['5']);
    expect((await data.table(2)).columns['days']).toEqual({
      kind: 'integer',
      values: Int32Array.of(1, 2),
    });
  });

  test('leaves workloads out that its columns have nothing for', async () => {
    const paths = given('ward,days\nA,1\nB,2\nA,2\n', {
      ward: { type: 'text' },
      days: { type: 'integer' },
    });
    const table = await (await ownData(...paths, signal)).table(3);
    expect(questionsOf(table).map(({ workload }) => workload)).toEqual([
      'sum',
      'filtered-average',
      'group-by',
      'exact-lookup',
      'range',
      'private-lookup',
    ]);
  });

  test('refuses a table without a column that can be used', async () => {
    const paths = given('x\n1.5\n2.5\n', { x: { type: 'real' } });
    await expect(ownData(...paths, signal)).rejects.toMatchObject({ code: 'USAGE' });
  });
});
