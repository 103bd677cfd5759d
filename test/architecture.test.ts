import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { violations } from './architecture/rules.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

function projectSources(): Map<string, string> {
  const sources = new Map<string, string>();
  for (const folder of ['src', 'workers']) {
    for (const name of readdirSync(`${ROOT}${folder}`, { recursive: true, encoding: 'utf8' })) {
      const path = `${folder}/${name.replaceAll('\\', '/')}`;
      const generated = path === 'src/ring/simd/kernels.wasm.ts';
      if (!path.endsWith('.ts') || generated || path.startsWith('src/ring/simd/assembly/'))
        continue;
      sources.set(path, readFileSync(`${ROOT}${path}`, 'utf8'));
    }
  }
  return sources;
}

function rulesBroken(files: Record<string, string>): string[] {
  return violations(new Map(Object.entries(files))).map((v) => `${v.rule} ${v.file}`);
}

test('the project keeps every rule', () => {
  const sources = projectSources();
  expect(sources.size).toBeGreaterThan(20);
  expect(violations(sources)).toEqual([]);
});

describe('a seeded violation is reported', () => {
  const seeded: [string, string, Record<string, string>][] = [
    ['an import upwards', 'layer src/table/a.ts', { 'src/table/a.ts': `import '../plan/b.ts';` }],
    [
      'a type-only import upwards',
      'layer src/ring/a.ts',
      { 'src/ring/a.ts': `import type { T } from '../engine/engine.ts';` },
    ],
    [
      'a sideways import by import()',
      'layer src/store/a.ts',
      { 'src/store/a.ts': `export const f = () => import('../search/sse/format.ts');` },
    ],
    [
      'an import type in a type position',
      'layer src/table/a.ts',
      { 'src/table/a.ts': `export type T = import('../client/api.ts').Vault;` },
    ],
    [
      'a re-export upwards',
      'layer src/bytes/a.ts',
      { 'src/bytes/a.ts': `export { x } from '../ring/ring.ts'; export const y = 1;` },
    ],
    [
      'a token builder that meets its evaluator',
      'layer src/search/sse/eval.ts',
      { 'src/search/sse/eval.ts': `import './token.ts';` },
    ],
    ['an unknown folder', 'zone src/misc/a.ts', { 'src/misc/a.ts': `export const x = 1;` }],
    [
      'the store reaching the secret key through a third file',
      'trust-boundary src/run/evaluate/a.ts',
      {
        'src/run/evaluate/a.ts': `import '../../engine/b.ts';`,
        'src/engine/b.ts': `import '../keys/secret.ts';`,
        'src/keys/secret.ts': `export const x = 1;`,
      },
    ],
    [
      'the service reaching the gate',
      'trust-boundary src/service/a.ts',
      { 'src/service/a.ts': `import '../gate/gate.ts';` },
    ],
    [
      'the embedded store reaching a token builder',
      'trust-boundary src/run/embedded.ts',
      { 'src/run/embedded.ts': `export const f = () => import('../search/sse/build.ts');` },
    ],
    [
      'an evaluation worker that names the vault’s worker',
      'trust-boundary workers/evaluate.node.ts',
      {
        'workers/evaluate.node.ts': `const u = new URL('./vault.node.ts', import.meta.url);`,
        'workers/vault.node.ts': `import '../src/keys/secret.ts';`,
      },
    ],
    [
      'a browser’s evaluation worker that names the vault’s worker',
      'trust-boundary workers/evaluate.web.ts',
      {
        'workers/evaluate.web.ts': `const u = new URL('./vault.web.js', import.meta.url);`,
        'workers/vault.web.ts': `import '../src/client/browser/vault-service.ts';`,
        'src/client/browser/vault-service.ts': `import '../../gate/gate.ts';`,
        'src/gate/gate.ts': `export const x = 1;`,
      },
    ],
    [
      'a browser’s evaluation worker reaching secrets through the pool of workers',
      'trust-boundary workers/evaluate.web.ts',
      {
        'workers/evaluate.web.ts': `import { hold } from '../src/run/worker-pool.web.ts';`,
        'src/run/worker-pool.web.ts': `export const f = () => import('../keys/secret.ts');`,
        'src/keys/secret.ts': `export const x = 1;`,
      },
    ],
    [
      'the vault’s worker of a browser started by the store side',
      'worker src/run/pool.web.ts',
      {
        'src/run/pool.web.ts': `const u = new URL('../../workers/vault.web.js', import.meta.url);`,
      },
    ],
    [
      'comlink in the client that starts no vault worker',
      'threads src/client/a.ts',
      { 'src/client/a.ts': `import { wrap } from 'comlink';` },
    ],
    [
      'the store reaching the decryptor',
      'trust-boundary workers/evaluate.node.ts',
      { 'workers/evaluate.node.ts': `import '../src/engine/seal/decrypt.ts';` },
    ],
    [
      'node-seal elsewhere',
      'node-seal src/engine/plain/a.ts',
      { 'src/engine/plain/a.ts': `import 'node-seal/throws';` },
    ],
    [
      'node-seal in a scheme of the benchmark that is not a peer’s part',
      'node-seal src/measure/bench/schemes/a.ts',
      { 'src/measure/bench/schemes/a.ts': `import 'node-seal/throws';` },
    ],
    [
      'the client reaching the benchmark’s node-seal',
      'layer src/client/a.ts',
      {
        'src/client/a.ts': `import '../measure/bench/schemes/peers/b.ts';`,
        'src/measure/bench/schemes/peers/b.ts': `import 'node-seal/throws';`,
      },
    ],
    [
      'the decryptor imported beside keys/secret',
      'decryptor src/engine/seal/a.ts',
      { 'src/engine/seal/a.ts': `import './decrypt.ts';` },
    ],
    [
      'the encryptor imported by the client',
      'decryptor src/client/a.ts',
      { 'src/client/a.ts': `import { e } from '../engine/seal/encrypt.ts';` },
    ],
    [
      'a barrel by name',
      'barrel src/plan/index.ts',
      { 'src/plan/index.ts': `export const x = 1;` },
    ],
    [
      'a barrel by content',
      'barrel src/plan/all.ts',
      { 'src/plan/all.ts': `export * from './a.ts';` },
    ],
    [
      'threads outside run and workers',
      'threads src/gate/a.ts',
      { 'src/gate/a.ts': `import { Worker } from 'node:worker_threads';` },
    ],
    [
      'threads in the client that start no vault worker',
      'threads src/client/a.ts',
      { 'src/client/a.ts': `import { Piscina } from 'piscina';` },
    ],
    [
      'the vault’s worker started by the store side',
      'worker src/run/pool.node.ts',
      {
        'src/run/pool.node.ts':
          'const u = new URL(`../../workers/vault.node${ext}`, import.meta.url);',
      },
    ],
    ['node: in a pure folder', 'pure src/plan/a.ts', { 'src/plan/a.ts': `import 'node:fs';` }],
    [
      'Buffer in a pure folder',
      'pure src/ring/a.ts',
      { 'src/ring/a.ts': `export const b = Buffer.alloc(1);` },
    ],
    [
      'files in a log’s verifier',
      'pure src/audit/verify/a.ts',
      { 'src/audit/verify/a.ts': `import 'node:fs/promises';` },
    ],
    [
      'a log’s verifier that knows its files',
      'layer src/audit/verify/a.ts',
      { 'src/audit/verify/a.ts': `import '../file/audit-log.ts';` },
    ],
    [
      'the clock in a policy',
      'clock src/policy/a.ts',
      { 'src/policy/a.ts': `export const t = new Date();` },
    ],
    [
      'a policy that knows the log',
      'layer src/policy/a.ts',
      { 'src/policy/a.ts': `import '../audit/leaf.ts';` },
    ],
    ['http in the client', 'http src/client/a.ts', { 'src/client/a.ts': `import 'node:http';` }],
    [
      'the clock in a plan',
      'clock src/plan/a.ts',
      { 'src/plan/a.ts': `export const t = Date.now();` },
    ],
    ['Math.random', 'clock src/gate/a.ts', { 'src/gate/a.ts': `export const t = Math.random();` }],
    [
      'import() where tsc does not rewrite the extension',
      'unbuildable src/cli/a.ts',
      {
        'src/cli/a.ts': `export async function f(): Promise<void> {
          await using file = await open();
          if (file) { await import('./b.ts'); }
        }`,
      },
    ],
    [
      'an import that no test can follow',
      'computed src/gate/a.ts',
      { 'src/gate/a.ts': `export const f = (p: string) => import(p);` },
    ],
  ];
  test.each(seeded)('%s', (_, expected, files) => {
    expect(rulesBroken(files)).toContain(expected);
  });

  test.each<[string, Record<string, string>]>([
    ['downwards over several layers', { 'src/cli/a.ts': `import '../errors/index.ts';` }],
    [
      'a pool names its worker',
      {
        'src/run/a.ts': `import { Worker } from 'node:worker_threads'; const u = new URL('../../workers/evaluate.node.ts', import.meta.url);`,
      },
    ],
    [
      'the client starts the vault’s worker',
      {
        'src/client/a.ts': `import { Piscina } from 'piscina'; const u = new URL('../../workers/vault.node.ts', import.meta.url);`,
      },
    ],
    [
      'the one door to the decryptor',
      { 'src/keys/secret.ts': `import '../engine/seal/decrypt.ts';` },
    ],
    [
      'a log’s files on a disk',
      { 'src/audit/file/a.ts': `import 'node:fs'; export const t = Date.now();` },
    ],
    [
      'a member called process',
      { 'src/plan/a.ts': `export const f = (x: { process: number }) => x.process;` },
    ],
  ])('and %s is allowed', (_, files) => {
    expect(rulesBroken(files)).toEqual([]);
  });
});
