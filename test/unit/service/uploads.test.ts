import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { sha256 } from '../../../src/bytes/hash.ts';
import { randomId } from '../../../src/bytes/random.ts';
import { EmbeddedLink } from '../../../src/run/embedded.ts';
import { type Incoming, PartUploads } from '../../../src/service/uploads.ts';
import { MemoryBackend } from '../../../src/store/backends/memory.ts';
import { encodeBlobs } from '../../../src/table/blob-part.ts';

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

let folder: string;
let backend: MemoryBackend;
let uploads: PartUploads;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'opaline-uploads-'));
  folders.push(folder);
  backend = new MemoryBackend();
  uploads = new PartUploads(folder, new EmbeddedLink(backend));
  await uploads.start();
});

const bytes = encodeBlobs('SEAL', [new Uint8Array(1000).fill(7)]);
const part = (content: Uint8Array = bytes): Incoming => ({
  table: randomId(),
  id: randomId(),
  kind: 'sealed',
  digest: sha256(content),
  total: content.length,
});
const stored = (to: Incoming): Promise<boolean> => backend.has(to.table, to.id);

describe('a part in pieces', () => {
  it('is there with its last piece, and leaves nothing aside', async () => {
    const to = part();
    expect(await uploads.append(to, 0, bytes.subarray(0, 400), {})).toBe(400);
    expect(await uploads.received(to)).toBe(400);
    expect(await stored(to)).toBe(false);
    expect(await uploads.append(to, 400, bytes.subarray(400), {})).toBe(bytes.length);
    expect(new Uint8Array(await backend.read(to.table, to.id))).toEqual(bytes);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('refuses a piece that comes twice, early or beyond the end, and says where it stands', async () => {
    const to = part();
    const at = (offset: number, until: number): Promise<number> =>
      uploads.append(to, offset, bytes.subarray(offset, until), {});
    await at(0, 400);
    for (const wrong of [at(0, 400), at(500, 600), at(0, 10)]) {
      await expect(wrong).rejects.toMatchObject({
        code: 'UPLOAD_OFFSET',
        details: { part: to.id, expected: 400 },
      });
    }
    const over = new Uint8Array(bytes.length);
    await expect(uploads.append(to, 400, over, {})).rejects.toMatchObject({
      code: 'UPLOAD_OFFSET',
    });
    await at(400, bytes.length);
    expect(await stored(to)).toBe(true);
  });

  it('of another digest is refused, and starts over', async () => {
    const to = part(new Uint8Array(bytes.length));
    await uploads.append(to, 0, bytes.subarray(0, 400), {});
    await expect(uploads.append(to, 400, bytes.subarray(400), {})).rejects.toMatchObject({
      code: 'PART_CORRUPT',
    });
    expect(await stored(to)).toBe(false);
    expect(await uploads.received(to)).toBe(0);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('does not mix with another content under its id', async () => {
    const to = part();
    const other = encodeBlobs('SEAL', [new Uint8Array(1000).fill(9)]);
    const second = { ...to, digest: sha256(other), total: other.length };
    await uploads.append(to, 0, bytes.subarray(0, 400), {});
    await uploads.append(second, 0, other.subarray(0, 300), {});
    expect([await uploads.received(to), await uploads.received(second)]).toEqual([400, 300]);
  });

  it('takes one piece at a time, though they come at once', async () => {
    const to = part();
    const all = await Promise.allSettled(
      Array.from({ length: 5 }, () => uploads.append(to, 0, bytes.subarray(0, 400), {})),
    );
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await uploads.received(to)).toBe(400);
  });

  it('goes on in a service that was started again; what was abandoned is dropped', async () => {
    const [going, old] = [part(), part()];
    await uploads.append(going, 0, bytes.subarray(0, 400), {});
    await uploads.append(old, 0, bytes.subarray(0, 400), {});
    const name = readdirSync(folder).find((file) => file.includes(old.id))!;
    const long = Date.now() / 1000 - 25 * 3600;
    utimesSync(join(folder, name), long, long);
    const again = new PartUploads(folder, new EmbeddedLink(backend));
    await again.start();
    expect(await again.received(old)).toBe(0);
    expect(await again.append(going, 400, bytes.subarray(400), {})).toBe(bytes.length);
  });

  it('that was cut in the middle of a piece goes on from there', async () => {
    const to = part();
    await uploads.append(to, 0, bytes.subarray(0, 400), {});
    const [name] = readdirSync(folder);
    writeFileSync(join(folder, name!), bytes.subarray(0, 555));
    await expect(uploads.append(to, 400, bytes.subarray(400), {})).rejects.toMatchObject({
      details: { expected: 555 },
    });
    expect(await uploads.append(to, 555, bytes.subarray(555), {})).toBe(bytes.length);
  });

  it('is whole however it is cut, with pieces lost and sent again', async () => {
    const cuts = fc.array(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(cuts, fc.array(fc.boolean()), async (at, again) => {
        const to = part();
        const ends = [...new Set(at)].sort((a, b) => a - b).concat(bytes.length);
        let from = 0;
        for (const [i, end] of ends.entries()) {
          await uploads.append(to, from, bytes.subarray(from, end), {});
          if (again[i] === true && end < bytes.length) {
            const twice = uploads.append(to, from, bytes.subarray(from, end), {});
            await expect(twice).rejects.toMatchObject({ details: { expected: end } });
          }
          from = end;
        }
        expect(new Uint8Array(await backend.read(to.table, to.id))).toEqual(bytes);
      }),
      { numRuns: 50 },
    );
    expect(readdirSync(folder)).toEqual([]);
  });
});
