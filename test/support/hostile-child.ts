/**
 * Judges one hostile input in a process of its own, and prints a Verdict. Started by
 * test/fault/hostile.test.ts with the id of a case, or `control` to load SEAL
 * and to spend memory and time on purpose.
 */
import { registerHooks } from 'node:module';
import { caseBytes, hostileCase, parmsBytes } from './hostile-vectors.ts';

export interface Verdict {
  /** The code with which the strict parser refused, or null. */
  readonly refused: string | null;
  /** What `opaline inspect` says of the same bytes. */
  readonly valid: boolean;
  readonly problems: readonly string[];
  /** True when a module of node-seal was asked for. */
  readonly seal: boolean;
  /** Of processor time: the machine may be busy with others. */
  readonly milliseconds: number;
  /** Peak resident memory of the process, start-up included. */
  readonly megabytes: number;
}

let seal = false;
registerHooks({
  resolve: (specifier, context, next) => {
    seal ||= specifier.startsWith('node-seal');
    return next(specifier, context);
  },
});

const { parseModulusChain, parseSealObject } =
  await import('../../src/engine/seal/inspect/seal-object.ts');
const { inspectBytes } = await import('../../src/cli/inspect/inspect-file.ts');
const { isOpalineError } = await import('../../src/errors/index.ts');

const id = process.argv[2] ?? '';
if (id === 'control') {
  await import('../../src/engine/seal/seal-module.ts');
  const start = process.cpuUsage();
  const spent = new Uint8Array(300 << 20);
  for (let round = 1; process.cpuUsage(start).user < 1_100_000; round++) spent.fill(round);
  report(null, spent[0] !== 0, [], process.cpuUsage(start).user / 1000);
} else {
  const hostile = hostileCase(id);
  const bytes = caseBytes(hostile);
  const parms = parmsBytes(hostile.context);
  const type = hostile.load_as as Parameters<typeof parseSealObject>[1];
  const start = process.cpuUsage();
  let refused: string | null = null;
  try {
    // Hostile parameters are judged alone: they would belong to no known context.
    const chain = type === 'EncryptionParameters' ? undefined : parseModulusChain(parms);
    parseSealObject(bytes, type, { chain });
  } catch (error) {
    if (!isOpalineError(error)) throw error;
    refused = error.code;
  }
  const { valid, problems } = await inspectBytes(bytes, { as: type, parms });
  const { user, system } = process.cpuUsage(start);
  report(refused, valid, problems, (user + system) / 1000);
}

function report(
  refused: string | null,
  valid: boolean,
  problems: readonly string[],
  milliseconds: number,
): void {
  const megabytes = process.resourceUsage().maxRSS / 1024;
  const verdict: Verdict = { refused, valid, problems, seal, milliseconds, megabytes };
  process.stdout.write(JSON.stringify(verdict));
}
