/**
 * A process of its own for memory.ts: `memory-child.ts <vault> <threads>` answers both questions a
 * few times and prints, as JSON, its resident memory before the first and after the last.
 */
import { openVault } from '../../src/client/vault.ts';
import { FILTERED, GROUPED } from './questions.ts';

const [vaultPath = '', threads = '1'] = process.argv.slice(2);
const vault = await openVault(vaultPath, {
  passphrase: process.env['OPALINE_PASSPHRASE'] ?? '',
  threads: Number(threads),
});
// Loads the parser, the manifest and what the vault's own side needs.
await vault.explain(FILTERED.sql);
const before = process.memoryUsage.rss();
for (let i = 0; i < 3; i += 1) {
  for (const { sql } of [FILTERED, GROUPED]) await vault.query(sql);
}
console.log(JSON.stringify({ before, after: process.memoryUsage.rss() }));
await vault.close();
