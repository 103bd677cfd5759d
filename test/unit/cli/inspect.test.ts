import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { type FrameType, frame } from '../../../src/bytes/framing.ts';
import { publicKeyOf } from '../../../src/bytes/signature.ts';
import { sha256 } from '../../../src/bytes/hash.ts';
import { FORMATS } from '../../../src/cli/inspect/formats.ts';
import { inspectBytes } from '../../../src/cli/inspect/inspect-file.ts';
import { sealVault } from '../../../src/keys/sealed.ts';
import { encodeAggregateReply, encodeRowsReply } from '../../../src/plan/fragment-codec.ts';
import { encodeBlobs } from '../../../src/table/blob-part.ts';
import { encodeResidentColumn, encodeWireColumn } from '../../../src/table/column-part.ts';
import { signManifest } from '../../../src/table/manifest.ts';
import { SOURCE, opaline, run } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'opaline-inspect-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SHAPE = { n: 8, primes: [97, 113] };
const seed = new Uint8Array(64).fill(7);
const residues = Uint32Array.from({ length: 16 }, (_, i) => (i < 8 ? 96 : 112));
const table = '00112233445566778899aabbccddeeff';

const GOOD: [string, Uint8Array, Record<string, unknown>][] = [
  ['column-wire', encodeWireColumn(SHAPE, [{ c0: residues, seed }]), { n: 8, chunks: 1 }],
  ['column-resident', atRest(residues), { n: 8, primes: [97, 113] }],
  ['records', encodeBlobs('RECS', [seed, new Uint8Array(3)]), { blobs: 2 }],
  ['sealed-metadata', encodeBlobs('SEAL', []), { blobs: 0 }],
  ['aggregate-reply', encodeAggregateReply({ groups: [] }), { groups: 0 }],
  [
    'rows-reply',
    encodeRowsReply({ segments: [{ segment: table, rows: Uint32Array.of(1, 2) }] }),
    { segments: 1 },
  ],
  ['vault-key', keyFile(), { kdf: 'argon2id, 32 KiB, 1 passes, 1 lanes' }],
  ['manifest', manifest(), { table, epoch: 3, segments: 0, rows: 0 }],
];

/** A column as a store keeps it: the resident form, then its digest. */
function atRest(c1: Uint32Array): Uint8Array {
  const resident = encodeResidentColumn(SHAPE, [{ c0: residues, c1, seed }]);
  return Uint8Array.of(...resident, ...sha256(resident));
}

function keyFile(): Uint8Array {
  const contents = { master: seed, signing: seed, ring: seed, store: '/store' };
  const cost = { memory: 32, passes: 1, parallelism: 1 };
  const short = { ...contents, master: seed.subarray(32), signing: seed.subarray(32) };
  return sealVault(short, 'a passphrase', cost);
}

function manifest(): Uint8Array {
  const secret = new Uint8Array(32).fill(5);
  const content = { table, epoch: 3, segments: [], owner: publicKeyOf(secret), sealed: seed };
  return signManifest(content, secret);
}

describe('inspectBytes', () => {
  test.each(GOOD)('%s is recognised and valid', async (type, bytes, facts) => {
    const report = await inspectBytes(bytes);
    expect(report).toMatchObject({ type, version: 1, bytes: bytes.length, valid: true, facts });
    expect(report.problems).toEqual([]);
  });

  // The key file's contents are sealed: without the passphrase no end of it is wrong.
  test.each(GOOD.filter(([type]) => type !== 'vault-key'))('%s cut or grown', async (_, bytes) => {
    for (const altered of [bytes.subarray(0, -1), Uint8Array.of(...bytes, 0)]) {
      const { valid, problems } = await inspectBytes(altered);
      expect(valid).toBe(false);
      expect(problems[0]).toMatch(/^BYTES_INVALID: /);
    }
  });

  test.each(['column-wire', 'column-resident'])('%s: a residue at its prime', async (type) => {
    const over = residues.with(15, 113);
    const bytes =
      type === 'column-wire' ? encodeWireColumn(SHAPE, [{ c0: over, seed }]) : atRest(over);
    expect((await inspectBytes(bytes)).problems).toEqual([
      'BYTES_INVALID: the file: a residue is not below its prime',
    ]);
  });

  test('a version of the future', async () => {
    const bytes = encodeBlobs('RECS', []);
    bytes[8] = 9;
    const { version, valid, problems } = await inspectBytes(bytes);
    expect({ version, valid }).toEqual({ version: 9, valid: false });
    expect(problems[0]).toMatch(/^VERSION_UNSUPPORTED: /);
  });

  test('every frame type has a format', () => {
    for (const type of Object.keys(FORMATS) as FrameType[]) {
      expect(frame(type).finish()).toHaveLength(16);
    }
    expect(new Set(Object.values(FORMATS).map((format) => format.type)).size).toBe(
      Object.keys(FORMATS).length,
    );
  });

  test('a SEAL file is named, and not vouched for', async () => {
    const sealHeader = Uint8Array.of(0x5e, 0xa1, 0x10, 4, 1, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0);
    const { type, valid, problems } = await inspectBytes(sealHeader);
    expect({ type, valid }).toEqual({ type: 'microsoft-seal', valid: false });
    expect(problems).toEqual(['parsing of SEAL files is not available yet in this version']);
  });

  test('any bytes get a report, whatever they claim to be', async () => {
    const tag = fc.constantFrom(...Object.keys(FORMATS));
    const framed = fc.tuple(tag, fc.uint8Array({ maxLength: 200 })).map(([type, body]) => {
      const head = frame(type as FrameType);
      return head.raw(body).finish();
    });
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 64 }), framed), async (bytes) => {
        const report = await inspectBytes(bytes);
        expect(report.bytes).toBe(bytes.length);
        expect(report.valid).toBe(report.problems.length === 0);
      }),
      { numRuns: 500 },
    );
  });
});

describe('opaline inspect', () => {
  const path = (name: string, bytes: Uint8Array): string => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  };

  test('one JSON object with the facts beside the verdict; exit 0 when valid', async () => {
    const file = path('column', GOOD[0]![1]);
    const { code, stdout, stderr } = await opaline(['inspect', file]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({
      type: 'column-wire',
      version: 1,
      bytes: GOOD[0]![1].length,
      valid: true,
      problems: [],
      scheme: 'bfv',
      ...SHAPE,
      chunks: 1,
    });
  });

  test.each([
    ['an empty file', new Uint8Array(0), 'the file is empty'],
    ['text', new TextEncoder().encode('origin,delay\n'), 'not a file of Opaline’s'],
  ])('%s: exit 1 and the reason', async (_, bytes, problem) => {
    const { code, stdout } = await opaline(['inspect', path('other', bytes)]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      type: 'unknown',
      valid: false,
      problems: [problem],
    });
  });

  test.each(['missing', '.'])('%s is no file: exit 1, one line', async (name) => {
    const { code, stdout, stderr } = await opaline(['inspect', join(folder, name)]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^opaline: INPUT_NOT_FOUND: [^\n]+\n$/);
  });

  test('a full disk is reported, not ignored', async () => {
    const command = `'${process.execPath}' '${SOURCE}' inspect '${path('column', GOOD[0]![1])}'`;
    const { code, stderr } = await run('sh', ['-c', `${command} > /dev/full`], {});
    expect(code).toBe(1);
    expect(stderr).toBe('opaline: OUTPUT_FAILED: cannot write the output: ENOSPC\n');
  });

  test('a reader that goes away is no failure', async () => {
    const command = `'${process.execPath}' '${SOURCE}' inspect '${path('column', GOOD[0]![1])}'`;
    const { code, stderr } = await run(
      'bash',
      ['-c', `{ sleep 0.2; ${command}; echo "$?" >&2; } | true`],
      {},
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '0\n' });
  });
});
