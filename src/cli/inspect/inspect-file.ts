import { open } from 'node:fs/promises';
import { FRAME_BYTES } from '../../bytes/framing.ts';
import { SEAL_TYPES, type SealType } from '../../engine/seal/inspect/object-types.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { fromWire, toWire } from '../../errors/wire.ts';
import { FORMATS, type Facts, identify, SEAL_UNKNOWN } from './formats.ts';

/** A verdict, and for a valid file the facts that its format's validator tells. */
export interface InspectReport {
  /** A name of formats.ts or a class of SEAL's; `unknown` for what is neither. */
  readonly type: string;
  /** Other types that the bytes fit as well, the likelier first: SEAL writes no type. */
  readonly alternatives?: readonly string[];
  /** Format version; null where none was read. */
  readonly version: number | string | null;
  readonly bytes: number;
  /** True only if all that can be checked without a key was, and is well-formed. */
  readonly valid: boolean;
  readonly problems: readonly string[];
  readonly facts?: Facts;
}

/** How to take the bytes, where they do not tell. */
export interface InspectOptions {
  /** The type they are meant to be, as `type` of a report; its case and hyphens do not matter. */
  readonly as?: string | undefined;
  /** SEAL's serialised encryption parameters, which an object of SEAL's is checked against. */
  readonly parms?: Uint8Array | undefined;
}

/** No part of Opaline's is larger; a larger file is judged by its header alone. */
const MOST_BYTES = 1 << 28;

/** As InspectOptions, with the parameters in a file. */
export interface InspectFileOptions {
  readonly as?: string | undefined;
  readonly parms?: string | undefined;
}

/**
 * Reads a file and checks its form, without any key. Throws INPUT_NOT_FOUND, ABORTED, USAGE for an
 * unknown type, BYTES_INVALID and PARAMETERS_INVALID for the file of parameters.
 */
export async function inspectFile(
  path: string,
  signal: AbortSignal,
  { as, parms }: InspectFileOptions = {},
): Promise<InspectReport> {
  const parameters = parms === undefined ? undefined : await readStart(parms, signal);
  const { data, size } = await readStart(path, signal);
  if (data.length === size) return inspectBytes(data, { as, parms: parameters?.data });
  const { type, version } = identify(data);
  const problems = [`a file of ${size} bytes; none of more than ${MOST_BYTES} is read`];
  return { type, version, bytes: size, valid: false, problems };
}

/** A file's bytes, or its first ones where it is too large to be anything of ours. */
async function readStart(
  path: string,
  signal: AbortSignal,
): Promise<{ readonly data: Uint8Array; readonly size: number }> {
  const missing = (cause?: unknown): never => {
    throw new OpalineError('INPUT_NOT_FOUND', { path }, { cause });
  };
  await using file = await open(path, 'r').catch(missing);
  const stat = await file.stat();
  if (!stat.isFile()) return missing();
  const data = new Uint8Array(stat.size > MOST_BYTES ? FRAME_BYTES : stat.size);
  for (let at = 0; at < data.length;) {
    if (signal.aborted) throw new OpalineError('ABORTED', {});
    const { bytesRead } = await file.read(data, at).catch(missing);
    if (bytesRead === 0) return missing();
    at += bytesRead;
  }
  return { data, size: stat.size };
}

/**
 * The same for bytes in memory. What is wrong with them is a problem of the report; it throws USAGE,
 * BYTES_INVALID and PARAMETERS_INVALID for wrong options alone.
 */
export async function inspectBytes(
  data: Uint8Array,
  options: InspectOptions = {},
): Promise<InspectReport> {
  const as = typeNamed(options.as);
  const { type, version, frame } = identify(data);
  const report = { type, version, bytes: data.length };
  if (type === SEAL_UNKNOWN && (as === undefined || isSealType(as))) {
    return inspectSealBytes(data, as, options.parms);
  }
  const wrong = (problem: string): InspectReport => ({
    ...report,
    valid: false,
    problems: [problem],
  });
  if (data.length === 0) return wrong('the file is empty');
  if (type === 'unknown') return wrong('not a file of Opaline’s or SEAL’s');
  if (frame === undefined || (as !== undefined && as !== type)) {
    return wrong(`it is not of the type ${as}`);
  }
  try {
    const facts = await FORMATS[frame].validate(data);
    return { ...report, valid: true, problems: [], facts };
  } catch (error) {
    return wrong(problemOf(error));
  }
}

async function inspectSealBytes(
  data: Uint8Array,
  as: SealType | undefined,
  parms: Uint8Array | undefined,
): Promise<InspectReport> {
  const { inspectSeal } = await import('./seal-file.ts');
  const { types, facts, error } = await inspectSeal(data, as, parms);
  const [type = SEAL_UNKNOWN, ...alternatives] = types;
  return {
    type,
    ...(alternatives.length === 0 ? {} : { alternatives }),
    version: data.length < 5 ? null : `${data[3]}.${data[4]}`,
    bytes: data.length,
    valid: facts !== undefined,
    problems: facts === undefined ? [problemOf(error)] : [],
    ...(facts === undefined ? {} : { facts }),
  };
}

function problemOf(error: unknown): string {
  const { code, message } = fromWire(toWire(error));
  return `${code}: ${message}`;
}

function isSealType(type: string): type is SealType {
  return (SEAL_TYPES as readonly string[]).includes(type);
}

/** The type that a user's spelling of it means: `public-key` is PublicKey. Throws USAGE. */
function typeNamed(name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  const known = [...SEAL_TYPES, ...Object.values(FORMATS).map((format) => format.type)];
  const plain = (type: string): string => type.replaceAll(/[-_ ]/g, '').toLowerCase();
  const found = known.find((type) => plain(type) === plain(name));
  if (found !== undefined) return found;
  throw new OpalineError('USAGE', { reason: `--as takes one of ${known.join(', ')}` });
}
