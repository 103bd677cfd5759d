import { describe, expect, it } from 'vitest';
import { loadSchemaFile } from '../../../../src/client/ingest/schema-file.ts';
import { refusal, withFile } from './support.ts';

const JSON_FORM = '{"version":1,"table":"t","columns":{"a":{"type":"integer"}}}';
const load = (name: string, content: string | Uint8Array, trust = false): Promise<unknown> =>
  withFile(name, content, (path) => loadSchemaFile(path, { trust }));

describe('loadSchemaFile', () => {
  it('reads JSON, with or without a byte order mark', async () => {
    expect(await load('s.json', JSON_FORM)).toMatchObject({ table: 't' });
    expect(await load('s.json', `\ufeff${JSON_FORM}`)).toMatchObject({ table: 't' });
  });

  it('runs a program only with trust', async () => {
    const marker = 'opalineSchemaRan';
    const program = `globalThis.${marker} = true;\nexport const schema: object = ${JSON_FORM};\n`;
    expect(await refusal(() => load('s.ts', program))).toBe('SCHEMA_UNTRUSTED');
    expect(marker in globalThis).toBe(false);
    expect(await load('s.ts', program, true)).toMatchObject({ table: 't' });
    expect(marker in globalThis).toBe(true);
  });

  it.each<[string, string, string | Uint8Array]>([
    ['SCHEMA_INVALID', 's.json', 'version: 1'],
    ['SCHEMA_INVALID', 's.json', Uint8Array.of(0xff)],
    ['SCHEMA_INVALID', 's.json', JSON_FORM.replace('integer', 'number')],
    ['SCHEMA_INVALID', 's.mjs', 'export const other = 1;'],
    ['SCHEMA_INVALID', 's.mjs', 'throw new Error("secret");'],
    ['SCHEMA_INVALID', 's.mjs', 'export const schema = {'],
  ])('%s for %s', async (expected, name, content) => {
    expect(await refusal(() => load(name, content, true))).toBe(expected);
  });

  it('says when there is no file', async () => {
    expect(await refusal(() => loadSchemaFile('no-such.json', { trust: false }))).toBe(
      'INPUT_NOT_FOUND',
    );
    expect(await refusal(() => loadSchemaFile('no-such.ts', { trust: true }))).toBe(
      'INPUT_NOT_FOUND',
    );
  });
});
