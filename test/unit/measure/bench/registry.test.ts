import { describe, expect, test } from 'vitest';
import { Registry, statementOf } from '../../../../src/measure/bench/registry.ts';
import type { Scheme } from '../../../../src/measure/bench/scheme.ts';
import { standardRegistry } from '../../../../src/measure/bench/standard-registry.ts';

const scheme = (name: string): Scheme => ({
  name,
  title: `Scheme ${name}`,
  security: 'none',
  family: 'plaintext',
  whose: 'peer',
  prepare: () => Promise.reject(new Error('never prepared')),
});

describe('a registry', () => {
  test('gives what is asked for in the order of registration', () => {
    const registry = new Registry().addScheme(scheme('a')).addScheme(scheme('b-2'));
    expect(registry.schemesNamed().map(({ name }) => name)).toEqual(['a', 'b-2']);
    expect(registry.schemesNamed(['b-2', 'a']).map(({ name }) => name)).toEqual(['a', 'b-2']);
  });

  test.each(['Upper', 'two words', '', '-a', 'a-', 'a/b'])('refuses the name %j', (name) => {
    expect(() => new Registry().addScheme(scheme(name))).toThrow(
      expect.objectContaining({ code: 'USAGE' }),
    );
  });

  test('refuses a name that is taken, and tells which there are of one that is not', () => {
    const registry = new Registry().addScheme(scheme('a'));
    expect(() => registry.addScheme(scheme('a'))).toThrow(/two schemes are called a/);
    expect(() => registry.schemesNamed(['c'])).toThrow(/no scheme c; there are a/);
    expect(() => registry.suitesNamed(['c'])).toThrow(/no suite c/);
  });
});

test('the standard one states the security of every scheme, and has every suite', () => {
  const registry = standardRegistry();
  expect(registry.suiteNames).toEqual(['tradeoff', 'queries', 'search', 'micro']);
  const schemes = registry.schemesNamed();
  expect(schemes.length).toBeGreaterThan(0);
  for (const one of schemes) {
    const { title, security, family, whose } = statementOf(one);
    expect(title).not.toBe('');
    expect(security.length).toBeGreaterThan(10);
    expect(['plaintext', 'download', 'tags', 'sse', 'hiding', 'homomorphic']).toContain(family);
    expect(['opaline', 'peer']).toContain(whose);
  }
});
