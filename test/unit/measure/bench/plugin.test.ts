import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { addPlugin } from '../../../../src/measure/bench/plugin.ts';
import { Registry } from '../../../../src/measure/bench/registry.ts';

const ASHE = fileURLToPath(new URL('../../../../examples/lab/ashe.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'opaline-plugin-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
function file(source: string): string {
  const path = join(folder, `plugin-${files++}.mjs`);
  writeFileSync(path, source);
  return path;
}

describe('addPlugin', () => {
  test('adds the scheme of the example, as a plug-in’s', async () => {
    const registry = new Registry();
    expect(await addPlugin(registry, ASHE)).toEqual(['ashe']);
    expect(registry.schemesNamed()).toMatchObject([{ name: 'ashe', whose: 'plug-in' }]);
  });

  test('adds lists of schemes and suites', async () => {
    const scheme = (name: string): string =>
      `{ name: '${name}', title: 't', security: 's', family: 'sse', whose: 'opaline', prepare() {} }`;
    const path = file(
      `export const schemes = [${scheme('a')}, ${scheme('b')}];
       export const suite = { name: 'mine', title: 'Mine', run: async () => ({}) };`,
    );
    const registry = new Registry();
    expect(await addPlugin(registry, path)).toEqual(['a', 'b']);
    expect(registry.suiteNames).toEqual(['mine']);
    // It cannot pass for one of ours.
    expect(registry.schemesNamed().map(({ whose }) => whose)).toEqual(['plug-in', 'plug-in']);
  });

  test.each([
    ['export const nothing = 1;', /exports no scheme/],
    ['export const scheme = 1;', /a name, a title/],
    [`export const scheme = { name: 'a', title: 't', security: 's', family: 'f' };`, /"prepare"/],
    ['export const schemes = {};', /no list/],
    [`export const suite = { name: 'a' };`, /"run"/],
  ])('refuses %s', async (source, reason) => {
    await expect(addPlugin(new Registry(), file(source))).rejects.toThrow(reason);
  });

  test('refuses a file that is not there', async () => {
    await expect(addPlugin(new Registry(), join(folder, 'none.ts'))).rejects.toMatchObject({
      code: 'INPUT_NOT_FOUND',
    });
  });
});
