import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { Registry } from './registry.ts';
import type { Scheme } from './scheme.ts';
import type { Suite } from './suite.ts';

/**
 * Adds what a plug-in exports: `scheme` or a list `schemes`, `suite` or a list `suites`. Importing it runs it, in this
 * process and with its rights.
 * @returns the names of its schemes
 * @throws INPUT_NOT_FOUND; USAGE where it exports neither, or something that is not of their shape
 */
export async function addPlugin(registry: Registry, path: string): Promise<readonly string[]> {
  const file = resolve(path);
  await access(file).catch((cause: unknown) => {
    throw new OpalineError('INPUT_NOT_FOUND', { path }, { cause });
  });
  const exported = (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>;
  const schemes = listed(exported, 'scheme', 'schemes').map(checkedScheme);
  const suites = listed(exported, 'suite', 'suites').map(checkedSuite);
  if (schemes.length + suites.length === 0) throw unfit('it exports no scheme and no suite');
  for (const scheme of schemes) registry.addScheme({ ...scheme, whose: 'plug-in' });
  for (const suite of suites) registry.addSuite(suite);
  return schemes.map(({ name }) => name);
}

function listed(exported: Readonly<Record<string, unknown>>, one: string, many: string): unknown[] {
  const list = exported[many];
  if (list !== undefined && !Array.isArray(list)) throw unfit(`its "${many}" are no list`);
  return [...(exported[one] === undefined ? [] : [exported[one]]), ...((list ?? []) as unknown[])];
}

function checkedScheme(value: unknown): Scheme {
  const scheme = value as Partial<Scheme> | null;
  const texts = [scheme?.name, scheme?.title, scheme?.security, scheme?.family];
  if (texts.some((text) => typeof text !== 'string' || text === '')) {
    throw unfit('a scheme has a name, a title, a family and a statement of its security');
  }
  if (typeof scheme?.prepare !== 'function') throw unfit('a scheme has a function "prepare"');
  return value as Scheme;
}

function checkedSuite(value: unknown): Suite {
  const suite = value as Partial<Suite> | null;
  if (typeof suite?.name !== 'string' || typeof suite.run !== 'function') {
    throw unfit('a suite has a name and a function "run"');
  }
  return value as Suite;
}

function unfit(reason: string): OpalineError<'USAGE'> {
  return new OpalineError('USAGE', { reason: `the plug-in does not fit: ${reason}` });
}
