import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT: string = fileURLToPath(new URL('../..', import.meta.url));

/** Examples and README run what a user runs, `dist`: it is rebuilt when a source is newer. */
export function ensureFreshBuild(): void {
  const built = statSync(join(ROOT, 'dist/src/cli/main.js'), { throwIfNoEntry: false });
  const newest = Math.max(...['src', 'workers'].map(newestSource));
  if (built !== undefined && built.mtimeMs >= newest) return;
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  // Types have a check of their own (npm run types); this one only has to emit.
  const args = [tsc, '-p', 'tsconfig.build.json', '--noCheck'];
  execFileSync(process.execPath, args, { cwd: ROOT, stdio: 'pipe' });
}

function newestSource(folder: string): number {
  const names = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  const sources = names.filter((name) => name.endsWith('.ts'));
  return Math.max(...sources.map((name) => statSync(join(ROOT, folder, name)).mtimeMs));
}
