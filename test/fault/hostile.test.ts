import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sha256 } from '../../src/bytes/hash.ts';
import { parseModulusChain, parseSealObject } from '../../src/engine/seal/inspect/seal-object.ts';
import { EmbeddedLink } from '../../src/run/embedded.ts';
import { MemoryBackend } from '../../src/store/backends/memory.ts';
import { encodeBlobs } from '../../src/table/blob-part.ts';
import type { Verdict } from '../support/hostile-child.ts';
import {
  caseBytes,
  goldenBytes,
  HOSTILE,
  hostileCase,
  parmsBytes,
} from '../support/hostile-vectors.ts';

const CHILD = fileURLToPath(new URL('../support/hostile-child.ts', import.meta.url));
const MOST_MILLISECONDS = 1000;
const MOST_MEGABYTES = 256;

/** Spares each process the compiling of the same modules. */
const cache = mkdtempSync(join(tmpdir(), 'opaline-hostile-'));

/** Judges a case in a process of its own, with a small heap; killed when it takes 20 s. */
function judge(id: string): Promise<Verdict> {
  const args = ['--max-old-space-size=64', CHILD, id];
  return new Promise((resolve, reject) => {
    const env = { ...process.env, NODE_COMPILE_CACHE: cache };
    const options = { env, timeout: 20_000, killSignal: 'SIGKILL' as const };
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      if (error) reject(new Error(`${id}: ${error.message} ${stderr}`));
      else resolve(JSON.parse(stdout) as Verdict);
    });
  });
}

const verdicts = new Map<string, Verdict>();
afterAll(() => rmSync(cache, { recursive: true, force: true }));
beforeAll(async () => {
  const left = HOSTILE.map(({ id }) => id);
  const worker = async (): Promise<void> => {
    for (let id = left.pop(); id !== undefined; id = left.pop()) verdicts.set(id, await judge(id));
  };
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, worker));
});

function casesOf(policy: string): [string, string, string][] {
  return HOSTILE.filter((hostile) => hostile.policy === policy).map(
    ({ id, load_as, description }) => [id, load_as, description],
  );
}

test('the list is whole: 98 inputs under four policies', () => {
  const sizes = [
    'must_reject',
    'accept_or_reject__document',
    'accepts__needs_authentication',
    'load_may_accept_but_context_must_be_rejected',
  ].map((policy) => casesOf(policy).length);
  expect(sizes).toEqual([83, 10, 2, 3]);
  expect(HOSTILE).toHaveLength(98);
  for (const hostile of HOSTILE) expect(caseBytes(hostile)).toHaveLength(hostile.bytes);
});

describe('every hostile input is judged without SEAL, in bounded time and memory', () => {
  test.each(HOSTILE.map(({ id, description }) => [id, description]))('%s: %s', (id) => {
    const { seal, milliseconds, megabytes } = verdicts.get(id)!;
    expect(seal).toBe(false);
    expect(milliseconds).toBeLessThan(MOST_MILLISECONDS);
    expect(megabytes).toBeLessThan(MOST_MEGABYTES);
  });

  test('and the measure does see what a process spends', async () => {
    const { seal, milliseconds, megabytes } = await judge('control');
    expect(seal).toBe(true);
    expect(megabytes).toBeGreaterThan(300);
    expect(milliseconds).toBeGreaterThan(MOST_MILLISECONDS);
  });
});

/** Without SEAL's magic number a file is nobody's. */
const PROBLEMS: Readonly<Record<string, RegExp>> = {
  H001: /^the file is empty$/,
  H017: /^not a file of Opaline’s or SEAL’s$/,
};

describe('must_reject', () => {
  test.each(casesOf('must_reject'))('%s as %s: %s', (id) => {
    const { refused, valid, problems } = verdicts.get(id)!;
    expect(refused).toBe('BYTES_INVALID');
    expect(valid).toBe(false);
    expect(problems[0]).toMatch(PROBLEMS[id] ?? /^BYTES_INVALID: /);
  });
});

/** The decisions where either is defensible; the reasons are in test/vectors/hostile/README.md. */
const DECIDED: Readonly<Record<string, 'refused' | 'accepted'>> = {
  H015: 'refused',
  H019: 'refused',
  H021: 'refused',
  H027: 'refused',
  H061: 'refused',
  H063: 'refused',
  H071: 'refused',
  H115: 'accepted',
  H133: 'refused',
  H157: 'refused',
};

describe('accept_or_reject__document', () => {
  test.each(casesOf('accept_or_reject__document'))('%s as %s: %s', (id) => {
    const { refused, valid } = verdicts.get(id)!;
    const accepted = DECIDED[id] === 'accepted';
    expect(refused).toBe(accepted ? null : 'BYTES_INVALID');
    expect(valid).toBe(accepted);
  });

  test('a transparent ciphertext is accepted as a sum over no row is, and is called transparent', () => {
    const chain = parseModulusChain(parmsBytes('bfv1024'));
    const facts = parseSealObject(caseBytes(hostileCase('H115')), 'Ciphertext', { chain });
    expect(facts.transparent).toBe(true);
    const honest = parseSealObject(goldenBytes('bfv1024.ct.none.bin'), 'Ciphertext', { chain });
    expect(honest.transparent).toBeUndefined();
  });
});

describe('accepts__needs_authentication', () => {
  test.each(casesOf('accepts__needs_authentication'))('%s as %s: %s', async (id) => {
    const hostile = hostileCase(id);
    const altered = caseBytes(hostile);
    const signed = goldenBytes(hostile.base!);
    // In range, so no parser that does not know the value can tell.
    expect(verdicts.get(id)).toMatchObject({ refused: null, valid: true });
    expect(altered).not.toEqual(signed);

    await using link = new EmbeddedLink(new MemoryBackend());
    const [good, bad] = [encodeBlobs('RECS', [signed]), encodeBlobs('RECS', [altered])];
    const part = { table: '0'.repeat(32), kind: 'records', digest: sha256(good) } as const;
    await link.put({ ...part, id: '1'.repeat(32), bytes: good });
    const put = link.put({ ...part, id: '2'.repeat(32), bytes: bad });
    await expect(put).rejects.toMatchObject({ code: 'PART_CORRUPT' });
  });

  test('a caller who knows the scale or the correction factor refuses them at once', () => {
    const refuse = (id: string, expected: object): void => {
      const hostile = hostileCase(id);
      const chain = parseModulusChain(parmsBytes(hostile.context));
      const parse = (bytes: Uint8Array): unknown =>
        parseSealObject(bytes, 'Ciphertext', { chain, ...expected });
      expect(() => parse(caseBytes(hostile))).toThrow(
        expect.objectContaining({ code: 'BYTES_INVALID' }),
      );
      expect(() => parse(goldenBytes(hostile.base!))).not.toThrow();
    };
    refuse('H095', { scale: 2 ** 30 });
    refuse('H101', { correctionFactor: 1n });
  });
});

describe('load_may_accept_but_context_must_be_rejected', () => {
  test.each(casesOf('load_may_accept_but_context_must_be_rejected'))('%s as %s: %s', (id) => {
    const { refused, valid, problems } = verdicts.get(id)!;
    expect({ refused, valid }).toEqual({ refused: 'PARAMETERS_INVALID', valid: false });
    expect(problems[0]).toMatch(/^PARAMETERS_INVALID: /);
  });
});
