import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  brotliDecompressSync,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  zstdDecompressSync,
} from 'node:zlib';

/** A secret planted in the data, and every form in which a store might keep it. */
export interface Canary {
  readonly what: string;
  readonly forms: readonly { readonly form: string; readonly bytes: Buffer }[];
}

/** A text of at least 12 bytes that occurs nowhere by chance. */
export function textCanary(
  what: string,
  text = `canary-${randomBytes(9).toString('hex')}`,
): Canary & { text: string } {
  const forms = [
    { form: 'utf8', bytes: Buffer.from(text, 'utf8') },
    { form: 'utf16', bytes: Buffer.from(text, 'utf16le') },
    { form: 'hex', bytes: Buffer.from(Buffer.from(text).toString('hex')) },
    {
      form: 'base64',
      bytes: Buffer.from(Buffer.from(text).toString('base64').replace(/=+$/, '').slice(0, -1)),
    },
  ];
  return { what, text, forms };
}

/** A random 62-bit number: as digits, as u64 in both byte orders, and as a double in both. */
export function numberCanary(what: string): Canary & { value: bigint } {
  const value = (randomBytes(8).readBigUInt64LE() >> 2n) | (1n << 61n);
  const u64 = Buffer.alloc(8);
  u64.writeBigUInt64LE(value);
  const f64 = Buffer.alloc(8);
  f64.writeDoubleLE(Number(value));
  const forms = [
    { form: 'digits', bytes: Buffer.from(value.toString()) },
    { form: 'u64 little-endian', bytes: u64 },
    { form: 'u64 big-endian', bytes: Buffer.from(u64).reverse() },
    { form: 'f64 little-endian', bytes: f64 },
    { form: 'f64 big-endian', bytes: Buffer.from(f64).reverse() },
  ];
  return { what, value, forms };
}

export interface Haystack {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Files below a folder, and their names as haystacks too. */
export function filesOf(folder: string): Haystack[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).flatMap((name) => {
    const path = join(folder, name);
    const itself = { name: `name of ${name}`, bytes: Buffer.from(name) };
    return statSync(path).isFile() ? [itself, { name, bytes: readFileSync(path) }] : [itself];
  });
}

/** Where canaries occur, raw or in what a haystack decompresses to. */
export function findCanaries(
  haystacks: readonly Haystack[],
  canaries: readonly Canary[],
): string[] {
  const found: string[] = [];
  for (const { name, bytes } of haystacks) {
    for (const [how, content] of [['raw', Buffer.from(bytes)] as const, ...decompressed(bytes)]) {
      for (const canary of canaries) {
        for (const { form, bytes: needle } of canary.forms) {
          if (content.includes(needle)) found.push(`${canary.what} as ${form} in ${name} (${how})`);
        }
      }
    }
  }
  return found;
}

/** Everything that some offset of the bytes decompresses to; offsets are where a magic stands. */
function decompressed(bytes: Uint8Array): [string, Buffer][] {
  const whole = Buffer.from(bytes);
  const out: [string, Buffer][] = [];
  const attempt = (how: string, run: () => Buffer): void => {
    try {
      out.push([how, run()]);
    } catch {
      // Not of this format: the usual case.
    }
  };
  attempt('inflate', () => inflateRawSync(whole));
  attempt('brotli', () => brotliDecompressSync(whole));
  const magics = [
    ['gzip', Buffer.from([0x1f, 0x8b, 0x08]), gunzipSync],
    ['zlib', Buffer.from([0x78, 0x9c]), inflateSync],
    ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), zstdDecompressSync],
  ] as const;
  for (const [how, magic, run] of magics) {
    for (
      let at = whole.indexOf(magic), n = 0;
      at !== -1 && n < 50;
      at = whole.indexOf(magic, at + 1), n++
    ) {
      const start = at;
      attempt(how, () => run(whole.subarray(start)));
    }
  }
  return out;
}
