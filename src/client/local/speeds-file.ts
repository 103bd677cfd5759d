import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import type { SecretEngine } from '../../engine/engine.ts';
import { plausibleSpeeds, type Speeds } from '../../gate/grouping/speeds.ts';
import { writeAtomic } from './atomic-file.ts';
import { measureSpeeds } from './measure-speeds.ts';

/** Beside a vault's keys. Says nothing of any table, and may be deleted at any time. */
export const SPEEDS_FILE = 'speeds.json';

/** 2: sums are opened without SEAL. */
const VERSION = 2;
const NAMES = ['decryptSum', 'decryptChunk', 'kernels'] as const;

/**
 * What the cost model needs to know of this machine: measured when a vault first asks on it, in well under a
 * second, and kept in the vault's folder.
 */
export async function machineSpeeds(
  folder: string,
  engine: () => Promise<SecretEngine>,
): Promise<Speeds> {
  const path = join(folder, SPEEDS_FILE);
  const known = await readSpeeds(path);
  if (known !== undefined) return known;
  const speeds = measureSpeeds(await engine());
  const content = JSON.stringify({ version: VERSION, machine: machine(), ...speeds });
  // A vault that cannot be written to is measured again the next time.
  await writeAtomic(path, new TextEncoder().encode(`${content}\n`)).catch(() => undefined);
  return speeds;
}

/** Undefined: none of this machine, or not as this version writes them. */
async function readSpeeds(path: string): Promise<Speeds | undefined> {
  try {
    return parseSpeeds(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
}

/** By hand: a library that is loaded for this alone would delay every first query. */
function parseSpeeds(content: unknown): Speeds | undefined {
  if (typeof content !== 'object' || content === null) return undefined;
  const fields = new Map<string, unknown>(Object.entries(content));
  const numbers = NAMES.map((name) => fields.get(name));
  if (fields.size !== NAMES.length + 2 || fields.get('version') !== VERSION) return undefined;
  if (fields.get('machine') !== machine() || !numbers.every(isPositive)) return undefined;
  const [decryptSum, decryptChunk, kernels] = numbers as [number, number, number];
  return plausibleSpeeds({ decryptSum, decryptChunk, kernels });
}

const isPositive = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value > 0;

function machine(): string {
  return `${cpus()[0]?.model.trim() ?? 'unknown'}, Node ${process.versions.node}`;
}
