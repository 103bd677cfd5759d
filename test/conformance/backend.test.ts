import { mkdtemp, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { randomId } from '../../src/bytes/random.ts';
import type { Backend } from '../../src/store/backend.ts';
import { createFileStore, FileBackend } from '../../src/store/backends/file.ts';
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

describe('the file backend, which remembers the head that it read', () => {
  const text = (head: Uint8Array | undefined): string => Buffer.from(head!).toString();

  it('sees what another process publishes', async () => {
    const backend = await BACKENDS['file']!();
    const other = new FileBackend(backend.address);
    const table = randomId();
    for (let epoch = 1; epoch <= 5; epoch++) {
      await other.publish(table, epoch, bytes(`head ${epoch}`));
      expect(text(await backend.head(table))).toBe(`head ${epoch}`);
      expect(text(await backend.head(table))).toBe(`head ${epoch}`);
    }
  });

  it('sees an older store put back, and another of the same epoch', async () => {
    const backend = await BACKENDS['file']!();
    const table = randomId();
    for (let epoch = 1; epoch <= 3; epoch++) await backend.publish(table, epoch, bytes('mine'));
    expect(text(await backend.head(table))).toBe('mine');
    const folder = join(backend.address, table);
    await rm(join(folder, 'head-3'));
    await writeFile(join(folder, 'head-2'), 'past');
    expect(text(await backend.head(table))).toBe('past');
    await writeFile(join(folder, 'head-3'), 'more');
    expect(text(await backend.head(table))).toBe('more');
    // Of as many bytes, and as old as the one before says it is.
    const { atime, mtime } = await stat(join(folder, 'head-3'));
    await writeFile(join(folder, 'aside'), 'less');
    await utimes(join(folder, 'aside'), atime, mtime);
    await rename(join(folder, 'aside'), join(folder, 'head-3'));
    expect(text(await backend.head(table))).toBe('less');
    await rm(folder, { recursive: true });
    expect(await backend.head(table)).toBeUndefined();
  });

  it('gives each caller bytes of their own', async () => {
    const backend = await BACKENDS['file']!();
    const table = randomId();
    await backend.publish(table, 1, bytes('mine'));
    for (let i = 0; i < 3; i++) {
      const head = await backend.head(table);
      expect(text(head)).toBe('mine');
      head!.fill(0);
    }
  });

  it('does so for any number of tables', async () => {
    const backend = await BACKENDS['file']!();
    const tables = Array.from({ length: 150 }, () => randomId());
    for (const table of tables) await backend.publish(table, 1, bytes(table));
    for (let i = 0; i < 2; i++) {
      for (const table of tables) expect(text(await backend.head(table))).toBe(table);
    }
  });
});

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
