import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import os from 'node:os';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import type { Machine } from './result.ts';

/** Where and of what a run is, all but the load after it. */
export type MachineBefore = Omit<Machine, 'load'> & { readonly loadBefore: number };

/** @param packages those whose versions are worth knowing; of one that is not installed there is none */
export function machineBefore(packages: readonly string[]): MachineBefore {
  const cpus = os.cpus();
  const versions = packages.flatMap((name): [string, string][] => {
    const version = versionOf(name);
    return version === undefined ? [] : [[name, version]];
  });
  const { sqlite } = process.versions;
  if (sqlite !== undefined) versions.push(['sqlite', sqlite]);
  return {
    cpu: cpus[0]?.model.trim() ?? 'unknown',
    cores: cpus.length,
    memoryBytes: os.totalmem(),
    os: `${os.type()} ${os.release()} ${os.arch()}`,
    node: process.version,
    versions: Object.fromEntries(versions),
    loadBefore: loadNow(),
  };
}

export function machineAfter({ loadBefore, ...machine }: MachineBefore): Machine {
  return { ...machine, load: [loadBefore, loadNow()] };
}

/** Load average of the last minute. */
function loadNow(): number {
  return Number((os.loadavg()[0] ?? 0).toFixed(2));
}

/** Undefined: not installed. */
function versionOf(name: string): string | undefined {
  const path = packagePath(name);
  if (path === undefined) return undefined;
  const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version?: unknown };
  return typeof version === 'string' ? version : undefined;
}

export function isInstalled(name: string): boolean {
  return packagePath(name) !== undefined;
}

function packagePath(name: string): string | undefined {
  try {
    return findPackageJSON(name, import.meta.url);
  } catch {
    return undefined;
  }
}

/** Of the checkout that this program is in, `+` where files differ; null outside of one. */
export async function commitOfProgram(): Promise<string | null> {
  // Built files are not tracked: the package's own is.
  const manifest = findPackageJSON('..', import.meta.url);
  if (manifest === undefined) return null;
  const cwd = dirname(manifest);
  const git = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)('git', args, { cwd })).stdout.trim();
  try {
    // A package that is installed in somebody else's repository is no checkout of this one.
    await git('ls-files', '--error-unmatch', manifest);
    const commit = await git('rev-parse', '--short=12', 'HEAD');
    return commit + ((await git('status', '--porcelain')) === '' ? '' : '+');
  } catch {
    return null;
  }
}
