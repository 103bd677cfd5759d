import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { randomId } from '../../src/bytes/random.ts';
import type { Backend } from '../../src/store/backend.ts';
import { createFileStore } from '../../src/store/backends/file.ts';
import { MemoryBackend } from '../../src/store/backends/memory.ts';
import { backendSuite } from './backend-suite.ts';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

const BACKENDS: Record<string, () => Promise<Backend>> = {
  memory: () => Promise.resolve(new MemoryBackend()),
  file: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'opaline-backend-'));
    folders.push(folder);
    return await createFileStore(folder);
  },
};

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

for (const [name, make] of Object.entries(BACKENDS)) backendSuite(name, make);

it('the file backend keeps two heads, whatever writers that died left', async () => {
  const backend = await BACKENDS['file']!();
  const table = randomId();
  for (let epoch = 1; epoch <= 3; epoch++) await backend.publish(table, epoch, bytes('x'));
  const folder = join(folders[0]!, table);
  await writeFile(join(folder, 'head-1'), 'left');
  expect((await readdir(folder)).toSorted()).toEqual(['head-1', 'head-2', 'head-3', 'parts']);
  await backend.publish(table, 4, bytes('y'));
  expect((await readdir(folder)).toSorted()).toEqual(['head-3', 'head-4', 'parts']);
});

it('the file backend removes what was being written long ago, and not what is', async () => {
  const backend = await BACKENDS['file']!();
  const table = randomId();
  await backend.write(table, randomId(), bytes('x'));
  const folder = join(folders[0]!, table);
  for (const name of ['tmp-old', 'tmp-new']) await writeFile(join(folder, name), 'half');
  const past = Date.now() / 1000 - 7200;
  await utimes(join(folder, 'tmp-old'), past, past);
  await backend.remove(table, []);
  expect((await readdir(folder)).toSorted()).toEqual(['parts', 'tmp-new']);
});

it('the file backend leaves nothing half-written behind', async () => {
  const backend = await BACKENDS['file']!();
  const table = randomId();
  await backend.write(table, randomId(), bytes('x'));
  await backend.publish(table, 1, bytes('one'));
  await expect(backend.publish(table, 1, bytes('again'))).rejects.toThrow();
  const names = await readdir(folders[0]!, { recursive: true });
  expect(names.filter((name) => name.includes('tmp-'))).toEqual([]);
});
