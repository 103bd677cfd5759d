import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A script that is the command line, from source. */
export const SOURCE: string = fileURLToPath(new URL('./from-source.mjs', import.meta.url));

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  /** Added to an environment without OPALINE_ variables. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
  /** Sends one SIGINT when this becomes true. */
  readonly interruptWhen?: () => boolean;
}

/** Runs the command line from source, whatever state `dist` is in. */
export function opaline(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  return run(process.execPath, [SOURCE, ...args], options);
}

export function run(command: string, args: readonly string[], options: RunOptions): Promise<Run> {
  const child = spawn(command, args, {
    cwd: options.cwd ?? fileURLToPath(new URL('../../..', import.meta.url)),
    env: { ...cleanEnvironment(), ...options.env },
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  const { interruptWhen } = options;
  const timer = setInterval(() => {
    if (interruptWhen?.() !== true) return;
    clearInterval(timer);
    child.kill('SIGINT');
  }, 20);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      clearInterval(timer);
      resolve({
        code,
        stdout: Buffer.concat(out).toString('utf8'),
        stderr: Buffer.concat(err).toString('utf8'),
      });
    });
  });
}

function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('OPALINE_')),
  );
}
