/**
 * Does to a vault what it is told to, in a process of its own that may be killed. Reads a command a line
 * (child-process.ts) and prints a reply a line.
 */
import { createInterface } from 'node:readline';
import { changePassphrase } from '../../src/client/local/change-passphrase.ts';
import type { Vault } from '../../src/client/api.ts';
import { isOpalineError } from '../../src/errors/opaline-error.ts';
import type { Command, Reply } from './child-process.ts';
import { diskTrial } from './disk.ts';
import { OPERATIONS, QUERIES } from './write-operations.ts';

let vault: Vault | undefined;
let reading: Promise<readonly string[][]> | undefined;
let stop = new AbortController();

/** Ask every query again and again until told to stop; the different answers to each. */
async function read(): Promise<readonly string[][]> {
  const found = QUERIES.map(() => new Set<string>());
  while (!stop.signal.aborted) {
    for (const [i, sql] of QUERIES.entries()) {
      found[i]!.add(JSON.stringify((await vault!.query(sql)).rows));
    }
  }
  return found.map((answers) => [...answers]);
}

async function obey(command: Command): Promise<readonly string[][] | undefined> {
  switch (command.do) {
    case 'open':
      vault = await diskTrial(command.folder).open(command.passphrase);
      return undefined;
    case 'operation':
      await OPERATIONS.find(({ name }) => name === command.name)!.run(vault!);
      return undefined;
    case 'delete':
      await vault!.delete(command.sql);
      return undefined;
    case 'passphrase':
      await changePassphrase(diskTrial(command.folder).vault, command.old, command.next);
      return undefined;
    case 'read':
      stop = new AbortController();
      reading = read();
      reading.catch(() => undefined);
      return undefined;
    case 'stop':
      stop.abort();
      return await reading;
    default:
      return command satisfies never;
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const started = performance.now();
  const reply: Reply = await obey(JSON.parse(line) as Command).then(
    (answers) => ({ ms: performance.now() - started, ...(answers && { answers }) }),
    (error: unknown) => ({
      ms: performance.now() - started,
      error: isOpalineError(error) ? error.code : String(error),
    }),
  );
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
await vault?.close();
