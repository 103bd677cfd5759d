import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { SecretEngine } from '../../engine/engine.ts';
import { plausibleSpeeds, type Speeds } from '../../gate/grouping/speeds.ts';
import { writeAtomic } from './atomic-file.ts';
import { measureSpeeds } from './measure-speeds.ts';

/** Beside a vault's keys. Says nothing of any table, and may be deleted at any time. */
export const SPEEDS_FILE = 'speeds.json';

const CONTENT = z.strictObject({
  version: z.literal(1),
  machine: z.string(),
  decryptSum: z.number().positive(),
  decryptChunk: z.number().positive(),
  kernels: z.number().positive(),
});

/**
 * What the cost model needs to know of this machine: measured when a vault first asks on it, in well under a
 * second, and kept in the vault's folder.
 */
export async function machineSpeeds(folder: string, engine: SecretEngine): Promise<Speeds> {
  const path = join(folder, SPEEDS_FILE);
  const known = await readSpeeds(path);
  if (known !== undefined) return known;
  const speeds = measureSpeeds(engine);
  const content = JSON.stringify({ version: 1, machine: machine(), ...speeds });
  // A vault that cannot be written to is measured again the next time.
  await writeAtomic(path, new TextEncoder().encode(`${content}\n`)).catch(() => undefined);
  return speeds;
}

/** Undefined: none of this machine, or not as this version writes them. */
async function readSpeeds(path: string): Promise<Speeds | undefined> {
  try {
    const content = CONTENT.parse(JSON.parse(await readFile(path, 'utf8')));
    return content.machine === machine() ? plausibleSpeeds(content) : undefined;
  } catch {
    return undefined;
  }
}

function machine(): string {
  return `${cpus()[0]?.model.trim() ?? 'unknown'}, Node ${process.versions.node}`;
}
