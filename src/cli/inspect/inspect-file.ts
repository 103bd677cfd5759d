import { open } from 'node:fs/promises';
import { FRAME_BYTES } from '../../bytes/framing.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { fromWire, toWire } from '../../errors/wire.ts';
import { FORMATS, type Facts, identify } from './formats.ts';

/** A verdict, and for a valid file the facts that its format's validator tells. */
export interface InspectReport {
  /** A name of formats.ts; `microsoft-seal` and `unknown` for what is not Opaline's. */
  readonly type: string;
  /** Format version; null where none was read. */
  readonly version: number | null;
  readonly bytes: number;
  /** True only if all that can be checked without a key was, and is well-formed. */
  readonly valid: boolean;
  readonly problems: readonly string[];
  readonly facts?: Facts;
}

/** No part of Opaline's is larger; a larger file is judged by its header alone. */
const MOST_BYTES = 1 << 28;

/** Reads a file and checks its form, without any key. Throws INPUT_NOT_FOUND, ABORTED. */
export async function inspectFile(path: string, signal: AbortSignal): Promise<InspectReport> {
  const missing = (cause?: unknown): never => {
    throw new OpalineError('INPUT_NOT_FOUND', { path }, { cause });
  };
  await using file = await open(path, 'r').catch(missing);
  const stat = await file.stat();
  if (!stat.isFile()) return missing();
  const tooLarge = stat.size > MOST_BYTES;
  const data = new Uint8Array(tooLarge ? FRAME_BYTES : stat.size);
  for (let at = 0; at < data.length;) {
    if (signal.aborted) throw new OpalineError('ABORTED', {});
    const { bytesRead } = await file.read(data, at).catch(missing);
    if (bytesRead === 0) return missing();
    at += bytesRead;
  }
  if (!tooLarge) return inspectBytes(data);
  const { type, version } = identify(data);
  const problems = [`a file of ${stat.size} bytes; no format of Opaline’s exceeds ${MOST_BYTES}`];
  return { type, version, bytes: stat.size, valid: false, problems };
}

/** The same for bytes in memory. Never throws: what is wrong is a problem of the report. */
export async function inspectBytes(data: Uint8Array): Promise<InspectReport> {
  const { type, version, frame } = identify(data);
  const report = { type, version, bytes: data.length };
  if (frame === undefined) return { ...report, valid: false, problems: [foreign(type, data)] };
  try {
    const facts = await FORMATS[frame].validate(data);
    return { ...report, valid: true, problems: [], facts };
  } catch (error) {
    const { code, message } = fromWire(toWire(error));
    return { ...report, valid: false, problems: [`${code}: ${message}`] };
  }
}

/** SEAL itself never sees a file that our own parser has not checked, and that parser is yet to come. */
function foreign(type: string, data: Uint8Array): string {
  if (type === 'microsoft-seal') {
    return new OpalineError('NOT_YET_AVAILABLE', { feature: 'parsing of SEAL files' }).message;
  }
  return data.length === 0 ? 'the file is empty' : 'not a file of Opaline’s';
}
