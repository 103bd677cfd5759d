import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** What a child is told to do; `folder` holds `vault` and `store`. */
export type Command =
  | { readonly do: 'open'; readonly folder: string; readonly passphrase?: string }
  | { readonly do: 'operation'; readonly name: string }
  | { readonly do: 'delete'; readonly sql: string }
  | {
      readonly do: 'passphrase';
      readonly folder: string;
      readonly old: string;
      readonly next: string;
    }
  | { readonly do: 'read' }
  | { readonly do: 'stop' };

export interface Reply {
  readonly ms: number;
  /** The code of what it was refused with. */
  readonly error?: string;
  /** The different answers to each query. */
  readonly answers?: readonly (readonly string[])[];
}

const SCRIPT = fileURLToPath(new URL('./vault-child.ts', import.meta.url));
/** Spares each process the compiling of the same modules. */
const cache = mkdtempSync(join(tmpdir(), 'opaline-child-'));
process.once('exit', () => rmSync(cache, { recursive: true, force: true }));

/** A process that does to a vault what it is told to. */
export class Child implements AsyncDisposable {
  readonly pid: number;
  private readonly process: ChildProcess;
  private readonly lines: AsyncIterator<string>;
  private readonly ended: Promise<unknown>;

  constructor() {
    const env = { ...process.env, NODE_COMPILE_CACHE: cache };
    const stdio = ['pipe', 'pipe', 'inherit'] as const;
    this.process = spawn(process.execPath, [SCRIPT], { env, stdio: [...stdio] });
    this.pid = this.process.pid!;
    this.ended = once(this.process, 'exit');
    this.process.stdin!.on('error', () => undefined);
    this.lines = createInterface({ input: this.process.stdout! })[Symbol.asyncIterator]();
  }

  /** Its reply; undefined where it was killed before it gave one. */
  async tell(command: Command): Promise<Reply | undefined> {
    this.process.stdin!.write(`${JSON.stringify(command)}\n`);
    const line = await this.lines.next();
    return line.done === true ? undefined : (JSON.parse(line.value) as Reply);
  }

  /** Kill it without a warning; resolves once it is gone. */
  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.process.stdin!.end();
    await this.ended;
  }
}
