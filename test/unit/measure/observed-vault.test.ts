import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  distinguish,
  type Observation,
  type ObservedVault,
  openObservedVault,
  type Transcript,
} from '../../../src/measure/index.ts';
import type { QueryResult } from '../../../src/client/api.ts';
import { PASSPHRASE, tempVault, type TempVault } from '../../support/vaults.ts';
import { PEOPLE, people } from './support.ts';

describe('a vault observed from its store’s side', () => {
  const rows = people(900, 7);
  let temp: TempVault;
  let observed: ObservedVault;
  beforeAll(async () => {
    temp = await tempVault('file');
    await temp.vault.ingest(PEOPLE, rows);
    const schema = {
      ...PEOPLE,
      table: 'hidden',
      columns: { ...PEOPLE.columns, city: { type: 'text', search: 'pir' } },
    };
    await temp.vault.ingest(schema, rows);
    observed = await openObservedVault(join(temp.folder, 'vault'), {
      passphrase: PASSPHRASE,
      threads: 0,
    });
  });
  afterAll(async () => {
    await observed[Symbol.asyncDispose]();
    await temp[Symbol.asyncDispose]();
  });

  const ask = (table: string, what: string, city: string): Promise<Observation<QueryResult>> =>
    observed.observe((vault) =>
      vault.query(`SELECT ${what} FROM ${table} WHERE city = $1`, [city]),
    );
  const number = (city: string): number => rows.filter((row) => row.city === city).length;

  test('shows the rows that the store finds, and none where the vault counts by itself', async () => {
    const open = await ask('people', 'COUNT(*)', 'city 1');
    expect(open.result.rows).toEqual([[String(number('city 1'))]]);
    expect(open.rows).toHaveLength(number('city 1'));
    const hidden = await ask('hidden', 'COUNT(*)', 'city 1');
    expect(hidden.result.rows).toEqual(open.result.rows);
    expect(hidden.rows).toBeUndefined();
    expect(hidden.transcript.every(({ found }) => found === undefined)).toBe(true);
    const summed = await ask('hidden', 'SUM(age)', 'city 1');
    expect(summed.rows).toHaveLength(number('city 1'));
  });

  test('follows the table when it moves on', async () => {
    await ask('people', 'COUNT(*)', 'city 2');
    await observed.vault.delete("DELETE FROM people WHERE city = 'city 2'");
    const { result, rows: found } = await ask('people', 'COUNT(*)', 'city 2');
    expect(result.rows).toEqual([['0']]);
    expect(found).toHaveLength(0);
    expect((await ask('people', 'COUNT(*)', 'city 1')).rows).toHaveLength(number('city 1'));
  });

  test('and transcripts of two classes are told apart where they differ alone', async () => {
    const transcripts = async (table: string, city: string): Promise<Transcript[]> => {
      const all: Transcript[] = [];
      for (let i = 0; i < 12; i++) all.push((await ask(table, 'COUNT(*)', city)).transcript);
      return all;
    };
    // Once before, so that what is fetched once is there.
    for (const table of ['people', 'hidden']) await ask(table, 'COUNT(*)', 'city 3');
    const game = async (table: string): Promise<number> =>
      distinguish(await transcripts(table, 'city 0'), await transcripts(table, 'nowhere')).auc;
    expect(await game('people')).toBe(1);
    expect(await game('hidden')).toBe(0.5);
  });
});
