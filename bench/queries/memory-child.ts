/**
 * A process of its own for memory.ts: `memory-child.ts <vault> <threads>` answers both questions a
 * few times and prints, as JSON, its resident memory before the first and after the last, and what the
 * arena holds then: columns and indexes. The program is the built one, as it is for who installs it:
 * run from its TypeScript, every thread would hold a compiler as well.
 */
import type * as Opening from '../../src/client/open-vault.ts';
import type { EmbeddedLink } from '../../src/run/embedded.ts';
import { FILTERED, GROUPED } from './questions.ts';

const BUILT = new URL('../../dist/src/client/open-vault.js', import.meta.url).href;

const { openVaultThrough } = (await import(BUILT)) as typeof Opening;
const [vaultPath = '', threads = '1'] = process.argv.slice(2);
const options = {
  passphrase: process.env['OPALINE_PASSPHRASE'] ?? '',
  threads: Number(threads),
};
let link: EmbeddedLink | undefined;
const vault = await openVaultThrough(vaultPath, options, (store) => (link = store as EmbeddedLink));
// Loads the parser, the manifest and what the vault's own side needs.
await vault.explain(FILTERED.sql);
const before = process.memoryUsage.rss();
for (let i = 0; i < 3; i += 1) {
  for (const { sql } of [FILTERED, GROUPED]) await vault.query(sql);
}
const { residentBytes } = link!.statistics();
console.log(JSON.stringify({ before, after: process.memoryUsage.rss(), residentBytes }));
await vault.close();
