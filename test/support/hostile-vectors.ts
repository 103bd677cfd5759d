import { readFileSync } from 'node:fs';
import { zstdDecompressSync } from 'node:zlib';

/** An object that SEAL wrote (test/vectors/hostile/README.md). */
export interface Golden {
  readonly file: string;
  readonly type: string;
  readonly object: string;
  readonly scheme: string;
}

export interface HostileCase {
  readonly id: string;
  readonly context: string;
  readonly load_as: string;
  readonly policy: string;
  readonly description: string;
  readonly bytes: number;
  readonly base?: string;
  readonly ops?: readonly {
    readonly truncate?: number;
    readonly append?: string;
    readonly at?: number;
    readonly hex?: string;
  }[];
  readonly file?: string;
}

const FOLDER = new URL('../vectors/hostile/', import.meta.url);

function read(name: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(readFileSync(new URL(name, FOLDER)));
}

function json<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as T;
}

export const GOLDEN: readonly Golden[] = json('golden.json');
export const HOSTILE: readonly HostileCase[] = json('cases.json');

/** The bytes of a golden object. */
export function goldenBytes(file: string): Uint8Array<ArrayBuffer> {
  const [context, kind, compression] = file.split('.');
  if (compression !== 'none') return read(`golden/${file}`);
  const hasTwin = ['ct', 'ct_seeded', 'pt', 'parms'].includes(kind ?? '');
  if (!hasTwin) return Uint8Array.from(zstdDecompressSync(read(`golden/${file}.zst`)));
  // SEAL compresses what follows the header, and writes the mode and the size into it.
  const twin = read(`golden/${context}.${kind}.zstd.bin`);
  const body = zstdDecompressSync(twin.subarray(16));
  const bytes = new Uint8Array(16 + body.length);
  bytes.set(twin.subarray(0, 5));
  new DataView(bytes.buffer).setBigUint64(8, BigInt(bytes.length), true);
  bytes.set(body, 16);
  return bytes;
}

export function parmsBytes(context: string): Uint8Array<ArrayBuffer> {
  return goldenBytes(`${context}.parms.none.bin`);
}

/** The bytes of a hostile input: a file, or a golden object altered by `ops`. */
export function caseBytes(hostile: HostileCase): Uint8Array<ArrayBuffer> {
  if (hostile.file !== undefined) return read(hostile.file);
  const base = goldenBytes(hostile.base ?? '');
  let bytes = base.slice();
  for (const { truncate, append, at = 0, hex = '' } of hostile.ops ?? []) {
    if (truncate !== undefined) bytes = bytes.slice(0, truncate);
    else if (append !== undefined) bytes = Uint8Array.of(...bytes, ...base);
    else {
      const [digits = '', times = '1'] = hex.split(' x ');
      bytes.set(Buffer.from(digits.repeat(Number(times)), 'hex'), at);
    }
  }
  return bytes;
}

export function hostileCase(id: string): HostileCase {
  const found = HOSTILE.find((hostile) => hostile.id === id);
  if (found === undefined) throw new Error(`no case ${id}`);
  return found;
}
