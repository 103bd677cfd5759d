import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SCHEMES } from '../../../../../src/measure/bench/schemes/all.ts';

test('names are unique, lower-case with hyphens', () => {
  const names = SCHEMES.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
});

test('each says what it hides, and from whom', () => {
  for (const { security, family } of SCHEMES) {
    if (family === 'plaintext') expect(security).toMatch(/^none:/);
    else expect(security).toContain('from the store');
  }
});

test('packages that a scheme needs are development packages or the product’s own', () => {
  const url = new URL('../../../../../package.json', import.meta.url);
  const { dependencies, devDependencies } = JSON.parse(readFileSync(url, 'utf8')) as Readonly<
    Record<string, Readonly<Record<string, string>>>
  >;
  const known = Object.keys({ ...dependencies, ...devDependencies });
  const needed = SCHEMES.flatMap(({ packages = [] }) => packages);
  expect(needed.length).toBeGreaterThan(0);
  for (const name of needed) expect(known).toContain(name);
});
