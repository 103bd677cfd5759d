import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A whole run of a program, as the operating system saw it. */
export interface ChildRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** From before the process was made until it and its output had ended. */
  readonly ms: number;
  /** Peak resident memory of all its threads; 0 if it died before it could tell. */
  readonly peakBytes: number;
}

export interface ChildOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Sends one SIGINT when this becomes true. */
  readonly interruptWhen?: () => boolean;
}

/** The program as a user starts it: the built one, or from source where nothing is built. */
export const OPALINE: string = fileURLToPath(new URL('../src/cli/bin.mjs', import.meta.url));

/** Loaded first by the child, which at its end reports its peak on a pipe of its own. */
const REPORT_PEAK = `data:text/javascript,${encodeURIComponent(
  `import { writeSync } from 'node:fs';
process.on('exit', () => writeSync(3, String(process.resourceUsage().maxRSS)));`,
)}`;

/** Run a Node program to its end. */
export function runNode(
  script: string,
  args: readonly string[],
  { cwd, env, interruptWhen }: ChildOptions = {},
): Promise<ChildRun> {
  const started = performance.now();
  const child = spawn(process.execPath, ['--import', REPORT_PEAK, script, ...args], {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const read = [1, 2, 3].map((fd) => {
    const chunks: Buffer[] = [];
    child.stdio[fd]?.on('data', (chunk: Buffer) => chunks.push(chunk));
    return (): string => Buffer.concat(chunks).toString('utf8');
  });
  const timer = setInterval(() => {
    if (interruptWhen?.() !== true) return;
    clearInterval(timer);
    child.kill('SIGINT');
  }, 20);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      clearInterval(timer);
      const [stdout, stderr, peak] = read.map((text) => text());
      resolve({
        code,
        stdout: stdout ?? '',
        stderr: stderr ?? '',
        ms: performance.now() - started,
        peakBytes: Number(peak ?? 0) * 1024,
      });
    });
  });
}
