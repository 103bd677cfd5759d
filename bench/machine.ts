import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The system's load average over the last minute: above the number of cores, others were working too. */
export function load(): number {
  return Number((os.loadavg()[0] ?? 0).toFixed(2));
}

/** Where and of what a run was: enough to know whether two runs can be compared. */
export interface Circumstances {
  readonly date: string;
  readonly command: string;
  /** With `+` where files differ from it. */
  readonly commit: string;
  readonly machine: Readonly<Record<string, string | number>>;
  readonly node: string;
  readonly packages: Readonly<Record<string, string>>;
}

const PACKAGES = [
  'node-seal',
  'libpg-query',
  'piscina',
  'csv-parse',
  'cosmian_findex',
  'ciphersweet-js',
];

export function circumstances(command: string): Circumstances {
  const cpus = os.cpus();
  return {
    date: new Date().toISOString(),
    command,
    commit: commit(),
    machine: {
      cpu: cpus[0]?.model ?? 'unknown',
      cores: cpus.length,
      memoryGiB: Math.round(os.totalmem() / 2 ** 30),
      os: `${os.type()} ${os.release()} ${os.arch()}`,
      loadAtStart: load(),
    },
    node: process.version,
    packages: { ...Object.fromEntries(PACKAGES.map((name) => [name, version(name)])), ...sqlite() },
  };
}

function version(name: string): string {
  const text = readFileSync(`${ROOT}node_modules/${name}/package.json`, 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function sqlite(): Record<string, string> {
  const { sqlite } = process.versions;
  return sqlite === undefined ? {} : { sqlite };
}

function commit(): string {
  try {
    const git = (...args: string[]): string =>
      execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim();
    // What this or the run before has written is no difference of what is measured.
    const dirty = git('status', '--porcelain', '--', '.', ':!bench/results') !== '';
    return git('rev-parse', '--short=12', 'HEAD') + (dirty ? '+' : '');
  } catch {
    return 'not a checkout';
  }
}
