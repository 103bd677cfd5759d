import { expect, test } from 'vitest';
import { parseSchema, schemaToJson, verifiedSchema } from '../../../src/table/schema-json.ts';

const divided = {
  version: 1,
  table: 'wages',
  columns: { city: { type: 'text' }, wage: { type: 'integer', range: [0, 9] } },
  custody: 'divided',
};

test('a divided table is one in JSON again, and may have check columns', () => {
  const schema = parseSchema(divided);
  expect(schema.custody).toBe('divided');
  expect(parseSchema(schemaToJson(schema))).toEqual(schema);
  expect(verifiedSchema(schema)).toMatchObject({ custody: 'divided', verified: true });
  expect(parseSchema({ ...divided, verified: true })).toEqual(verifiedSchema(schema));
});

test.each([
  ['another word', { custody: 'whole' }],
  // They are encrypted under the vault's own key, and say as much as the sums.
  ['private groups', { groupBy: { city: 'oblivious' } }],
  ['columns that rows are scored by', { columns: { wage: { type: 'real', score: true } } }],
])('it has none of what the vault could decrypt alone: %s', (_what, change) => {
  expect(() => parseSchema({ ...divided, ...change })).toThrow(
    expect.objectContaining({ code: 'SCHEMA_INVALID' }),
  );
});
