import { createRequire } from 'node:module';

/** The version in package.json. */
export function programVersion(): string {
  const { version } = createRequire(import.meta.url)('opaline/package.json') as { version: string };
  return version;
}
