import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyCharacter } from '../../table/any-text.ts';
import { refusal, rowsOf, table, withSource, type Cells } from './support.ts';

const FEES = table({
  id: 'integer',
  fee: { type: 'decimal', scale: 2 },
  ward: 'text',
  paid: 'boolean',
});
const read = (content: string | Uint8Array, schema = FEES, options = {}): Promise<Cells[]> =>
  withSource('t.ndjson', content, (source) => rowsOf(source.batches(schema, options)));

describe('reading NDJSON', () => {
  it('takes missing keys and null as NULL, an empty string as text', async () => {
    const content =
      '\ufeff{"id":1,"fee":2.5,"ward":"A","paid":true}\r\n\n  {"ward":"","fee":null}\n{"paid":"f"}';
    expect(await read(content)).toEqual([
      [1n, 250n, 'A', 1n],
      [null, null, '', null],
      [null, null, null, 0n],
    ]);
  });

  it('reads every number from its source text', async () => {
    const schema = table({ n: 'integer', d: { type: 'decimal', scale: 18 }, w: 'text' });
    const rows = await read(
      [
        '{"n":9007199254740993,"d":0.123456789012345678,"w":1.50}',
        '{"n":-123456789012345678901234567890,"d":1e-18,"w":1e400}',
        '{"n":1.0,"d":100000000000000.1,"w":9007199254740993}',
        '{"n":1e3,"d":0.000000000000001,"w":"1.50"}',
        '{"n":-0,"d":-0.5,"w":true}',
        '{"w":2.50}',
      ].join('\n'),
      schema,
    );
    expect(rows).toEqual([
      [9007199254740993n, 123456789012345678n, '1.50'],
      [-123456789012345678901234567890n, 1n, '1e400'],
      [1n, 100000000000000100000000000000000n, '9007199254740993'],
      [1000n, 1000n, '1.50'],
      [0n, -500000000000000000n, 'true'],
      [null, null, '2.50'],
    ]);
  });

  it('is not confused by names that every object has', async () => {
    const schema = table({ toString: 'text', __proto__x: 'text', constructor: 'integer' });
    expect(await read('{}\n{"toString":"a","constructor":7}', schema)).toEqual([
      [null, null, null],
      ['a', null, 7n],
    ]);
    expect(await refusal(() => read('{"__proto__":{"id":1}}'))).toBe('UNKNOWN_COLUMN __proto__');
  });

  it('gives back any rows that JSON.stringify wrote, wherever blocks end', async () => {
    const schema = table({ n: 'integer', r: 'real', w: 'text', b: 'boolean' });
    const row = fc.record({
      n: fc.option(fc.maxSafeInteger()),
      r: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
      w: fc.option(fc.string({ unit: anyCharacter, maxLength: 20 })),
      b: fc.option(fc.boolean()),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 30 }), async (rows) => {
        const content = rows.map((cells) => JSON.stringify(cells)).join('\n');
        expect(await read(content, schema)).toEqual(
          rows.map(({ n, r, w, b }) => [
            n === null ? null : BigInt(n),
            r === 0 ? 0 : r,
            w,
            b === null ? null : BigInt(b),
          ]),
        );
      }),
      { numRuns: 30 },
    );
    const long = Array.from({ length: 12_000 }, (_, i) => ({
      id: i,
      ward: `wörd ${'~'.repeat(30)} ${i}`,
    }));
    const rows = await read(long.map((cells) => JSON.stringify(cells)).join('\n'));
    expect(rows.map(([id, , ward]) => [id, ward])).toEqual(
      long.map(({ id, ward }) => [BigInt(id), ward]),
    );
  });

  it('stops at the row limit', async () => {
    expect(
      (await read('{"id":1}\n{"id":2}\n{"id":3}\nnot read', FEES, { rowLimit: 2 })).length,
    ).toBe(2);
  });

  it.each<[string, string | Uint8Array]>([
    ['INPUT_MALFORMED 2', '{"id":1}\n{"id":1'],
    ['INPUT_MALFORMED 1', 'id,fee\n'],
    ['INPUT_MALFORMED 1', '[1,2]'],
    ['INPUT_MALFORMED 1', '123456789012345678901234567890'],
    ['INPUT_MALFORMED 1', 'null'],
    ['INPUT_MALFORMED 2 ward', '{"id":1}\n{"ward":{"name":"A"}}'],
    ['INPUT_MALFORMED 1 ward', '{"ward":["A"]}'],
    ['INPUT_MALFORMED 3', Buffer.concat([Buffer.from('\n\n{"ward":"'), Buffer.from([0xff])])],
    ['UNKNOWN_COLUMN nights', '{"id":1,"nights":2}'],
    ['VALUE_INVALID 1 id', '{"id":1.5}'],
    ['VALUE_INVALID 1 id', '{"id":1.00000000000000000001}'],
    ['VALUE_INVALID 1 id', '{"id":"one"}'],
    ['VALUE_INVALID 1 id', '{"id":""}'],
    ['VALUE_INVALID 1 id', '{"id":true}'],
    ['VALUE_INVALID 3 fee', '{}\n\n{"fee":0.001}'],
    ['VALUE_INVALID 1 ward', '{"ward":"\\ud800"}'],
    ['FIELD_TOO_LARGE 1 ward', `{"ward":"${'x'.repeat((1 << 20) + 1)}"}`],
    ['INPUT_MALFORMED 1', `{"ward":"${'x'.repeat((1 << 24) + (1 << 19))}`],
    ['accepted', ''],
  ])('%s', async (expected, content) => {
    expect(await refusal(() => read(content))).toBe(expected);
  });

  it('never repeats a cell in an error', async () => {
    for (const line of ['{"id":"secret"}', '{"ward":"secret"', 'secret', '{"ward":["secret"]}']) {
      const error = await read(line).catch((thrown: unknown) => thrown);
      expect(JSON.stringify(error) + String(error)).not.toContain('secret');
    }
  });

  it('stops with ABORTED', async () => {
    const signal = AbortSignal.abort();
    expect(await refusal(() => read('{"id":1}', FEES, { signal }))).toBe('ABORTED');
  });
});
