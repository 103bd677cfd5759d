/** Columns of documents by the rungs that answer whole conditions, through the public API, against an obvious oracle. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answers } from '../../../src/table/search-answers.ts';
import { filmReviews, type ReviewQuery } from '../../support/film-reviews.ts';
import { RUNGS } from '../../support/rungs.ts';
import { eachStore } from '../../support/stores.ts';
import { tempVault, type TempVault } from '../../support/vaults.ts';

const named = RUNGS.filter((index) => answers(index, 'matchAll'));

interface Row {
  readonly id: number;
  readonly note: string | null;
  readonly fee: number;
}

const WORDS = ['ant', 'bee', 'cat', 'dog', 'eel'];
const ROWS: readonly Row[] = Array.from({ length: 160 }, (_, id) => ({
  id,
  note: id % 13 === 5 ? null : WORDS.filter((_word, i) => ((id * 7 + 3) >> i) % 2 === 1).join(', '),
  fee: id % 10,
}));

/** Whether the note has a word; false of NULL. */
const has = ({ note }: Row, word: string): boolean => note?.split(', ').includes(word) === true;

type Condition = readonly [string, (row: Row) => boolean];
const CONDITIONS: readonly Condition[] = [
  ["MATCH(note, 'ant')", (row) => has(row, 'ant')],
  ["MATCH(note, 'yak')", () => false],
  ["MATCH(note, 'ant AND bee')", (row) => has(row, 'ant') && has(row, 'bee')],
  ["MATCH(note, 'ant OR cat')", (row) => has(row, 'ant') || has(row, 'cat')],
  ["MATCH(note, 'ant NOT bee')", (row) => has(row, 'ant') && !has(row, 'bee')],
  ["MATCH(note, 'NOT bee')", (row) => row.note !== null && !has(row, 'bee')],
  [
    "MATCH(note, '(ant OR bee) AND (cat OR NOT dog)')",
    (row) => (has(row, 'ant') || has(row, 'bee')) && (has(row, 'cat') || !has(row, 'dog')),
  ],
  [
    "NOT MATCH(note, 'ant AND bee')",
    (row) => row.note !== null && !(has(row, 'ant') && has(row, 'bee')),
  ],
  ["MATCH(note, 'ant') AND fee < 5", (row) => has(row, 'ant') && row.fee < 5],
  [
    "MATCH(note, 'eel AND ant') OR fee = 3",
    (row) => (has(row, 'eel') && has(row, 'ant')) || row.fee === 3,
  ],
  ['note IS NULL', ({ note }) => note === null],
];

describe.each(named)('$index', (index) => {
  const schema = {
    version: 1,
    table: 't',
    columns: {
      id: { type: 'integer' },
      note: { type: 'document', nullable: true, search: index },
      fee: { type: 'integer' },
    },
  };

  eachStore('answers MATCH as the rows do', ({ kind, pick }) => {
    let temp: TempVault;
    let rows = ROWS;
    beforeAll(async () => {
      temp = await tempVault(kind);
      await temp.vault.ingest(schema, rows);
    }, 240_000);
    afterAll(() => temp[Symbol.asyncDispose]());

    const check = async ([where, test]: Condition): Promise<void> => {
      const { rows: found, leakage } = await temp.vault.query(
        `SELECT id FROM t WHERE ${where} ORDER BY id`,
      );
      expect(found).toEqual(rows.filter(test).map(({ id }) => [String(id)]));
      if (where.includes('MATCH')) {
        expect(leakage.map((one) => one.index)).toContain(index.index);
        expect(leakage.map((one) => one.node)).not.toContain('equality on note');
      }
    };

    it.each(pick(CONDITIONS).map((one) => [one[0], one] as const))('%s', async (_, condition) => {
      await check(condition);
    });

    it('sums the rows found', async () => {
      const { rows: sums } = await temp.vault.query(
        "SELECT COUNT(*), SUM(fee) FROM t WHERE MATCH(note, 'ant AND NOT bee')",
      );
      const found = rows.filter((row) => has(row, 'ant') && !has(row, 'bee'));
      const sum = found.reduce((all, { fee }) => all + fee, 0);
      expect(sums).toEqual([[String(found.length), String(sum)]]);
    });

    it('after deletions, an erasure and a compaction', async () => {
      await temp.vault.delete("DELETE FROM t WHERE MATCH(note, 'ant AND cat')");
      rows = rows.filter((row) => !(has(row, 'ant') && has(row, 'cat')));
      for (const condition of CONDITIONS.slice(0, 6)) await check(condition);
      await temp.vault.delete('DELETE FROM t WHERE id IN (2, 4)', [], { erase: true });
      rows = rows.filter(({ id }) => id !== 2 && id !== 4);
      for (const condition of CONDITIONS.slice(2, 6)) await check(condition);
      await temp.vault.compact();
      for (const condition of CONDITIONS.slice(2, 6)) await check(condition);
    }, 240_000);
  });

  it('answers every query on the first film reviews', async () => {
    const { documents, queries } = filmReviews(12);
    await using temp = await tempVault('memory');
    const reviews = documents.map((words, id) => ({ id, note: words.join(' '), fee: 1 }));
    await temp.vault.ingest(schema, reviews);
    // Some absent terms of the corpus are no keywords as they stand: MATCH makes keywords of them.
    const whole = queries.filter(({ terms }) => terms.every((one) => /^[a-z0-9]{2,}$/.test(one)));
    for (const query of whole.filter((_, i) => i % 5 === 0)) {
      const { rows } = await temp.vault.query(
        'SELECT id FROM t WHERE MATCH(note, $1) ORDER BY id',
        [expressionOf(query)],
      );
      expect(rows, query.id).toEqual(query.docs.map((id) => [String(id)]));
    }
  });

  it('refuses what it does not answer, naming what would', async () => {
    await using temp = await tempVault('memory');
    await temp.vault.ingest(
      { ...schema, columns: { ...schema.columns, title: { type: 'text' } } },
      ROWS.map((row) => ({ ...row, title: `title ${row.id}` })),
    );
    await expect(
      temp.vault.query("SELECT id FROM t WHERE note LIKE '%ant%'"),
    ).rejects.toMatchObject({
      code: expect.stringMatching(/CAPABILITY_MISSING|TYPE_MISMATCH/) as string,
    });
    await expect(temp.vault.query("SELECT id FROM t WHERE note = 'ant'")).rejects.toMatchObject({
      code: 'CAPABILITY_MISSING',
    });
    await expect(
      temp.vault.query('SELECT note, COUNT(*) FROM t GROUP BY note'),
    ).rejects.toMatchObject({ code: 'CAPABILITY_MISSING' });
  });
});

function expressionOf({ type, terms }: ReviewQuery): string {
  if (type === 'and_not') return terms.join(' NOT ');
  return terms.join(type === 'or' ? ' OR ' : ' AND ');
}

describe('EXPLAIN', () => {
  const explain = async (search: string, expression: string) => {
    const temp = await tempVault('memory');
    await using _ = temp;
    await temp.vault.ingest(
      {
        version: 1,
        table: 't',
        columns: {
          id: { type: 'integer' },
          note: { type: 'document', search },
        },
      },
      ROWS.map(({ id, note }) => ({ id, note: note ?? '' })),
    );
    return await temp.vault.explain('SELECT COUNT(*) FROM t WHERE MATCH(note, $1)', [expression]);
  };

  it('says of iex which terms come first, and that of others their share of those is shown', async () => {
    const { leakage, cost } = await explain('iex', 'ant AND bee NOT cat');
    const iex = leakage.find(({ index }) => index === 'iex')!;
    expect(iex.node).toBe('boolean query on note');
    expect(iex.onQuery.join()).toContain('which rows have the first term');
    expect(iex.onQuery.join()).toContain('each of 2 other terms');
    expect(leakage.some(({ index }) => index === 'sse')).toBe(false);
    expect(cost).toMatchObject({ rounds: 1, tokens: 1 });
  });

  it('says of iex that a negation alone shows its keyword whole', async () => {
    const { leakage } = await explain('iex', 'NOT cat');
    const iex = leakage.find(({ index }) => index === 'iex')!;
    expect(iex.onQuery.join()).toContain('which rows have each of 1 unnamed keyword');
  });

  it('says of mitra that all keywords are looked up together, in one round trip', async () => {
    const { leakage, cost } = await explain('mitra', 'ant AND bee NOT cat');
    const mitra = leakage.find(({ index }) => index === 'mitra')!;
    expect(mitra.onQuery.join()).toContain('the 3 keywords together');
    expect(cost).toMatchObject({ rounds: 2, tokens: 0 });
  });
});
