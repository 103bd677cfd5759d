/** Every query on 2,000 film reviews, through the public API, by each rung that takes documents of any number. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { filmReviews, type ReviewQuery } from '../support/film-reviews.ts';
import { tempVault, type TempVault } from '../support/vaults.ts';

const { documents, queries } = filmReviews(2_000);
/** Words that no document has as they stand, and no keyword as MATCH reads them either, are asked elsewhere. */
const asked = queries.filter(({ terms }) => terms.every((term) => /^[a-z0-9]{2,40}$/.test(term)));
const single = asked.filter(({ terms }) => terms.length === 1);

function expressionOf({ type, terms }: ReviewQuery): string {
  if (type === 'or') return terms.join(' OR ');
  return terms.map((term, i) => (type === 'and_not' && i > 0 ? `NOT ${term}` : term)).join(' AND ');
}

describe.each([
  ['mitra', 'mitra', asked],
  ['sse-padded', 'sse-padded', asked],
  ['pir, LWE', 'pir', single],
  ['pir, BFV', { index: 'pir', scheme: 'bfv' }, single],
] as const)('%s', (_, search, wanted) => {
  let temp: TempVault;
  beforeAll(async () => {
    temp = await tempVault('memory');
    const schema = {
      version: 1,
      table: 'reviews',
      columns: {
        id: { type: 'integer' },
        text: { type: 'document', tokens: 'ascii', search },
      },
    };
    await temp.vault.ingest(
      schema,
      documents.map((tokens, id) => ({ id, text: tokens.join(' ') })),
    );
  });
  afterAll(() => temp[Symbol.asyncDispose]());

  it('answers every query', async () => {
    expect(wanted.length).toBeGreaterThan(100);
    for (const query of wanted) {
      const { rows } = await temp.vault.query(
        'SELECT id FROM reviews WHERE MATCH(text, $1) ORDER BY id',
        [expressionOf(query)],
      );
      expect(
        rows.map(([id]) => Number(id)),
        query.id,
      ).toEqual(query.docs);
    }
  });
});
