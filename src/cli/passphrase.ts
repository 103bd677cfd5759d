import { readFile } from 'node:fs/promises';
import { OpalineError } from '../errors/opaline-error.ts';
import { promptSecrets } from './prompt.ts';

const VARIABLE = 'OPALINE_PASSPHRASE';

export interface PassphraseOptions {
  readonly passphraseFile?: string;
}

/**
 * The passphrase, from --passphrase-file (one trailing line end stripped), OPALINE_PASSPHRASE or a
 * prompt, in this order; `confirm` asks twice.
 * Throws PASSPHRASE_REQUIRED where none of them can give one, PASSPHRASE_WEAK for an empty one or
 * two that differ, INPUT_NOT_FOUND, ABORTED.
 */
export async function readPassphrase(
  options: PassphraseOptions,
  signal: AbortSignal,
  confirm = false,
): Promise<string> {
  const given =
    options.passphraseFile === undefined
      ? process.env[VARIABLE]
      : await fromFile(options.passphraseFile);
  const passphrase = given ?? (await ask(signal, confirm));
  if (passphrase === '') weak('the passphrase is empty');
  return passphrase;
}

async function fromFile(path: string): Promise<string> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new OpalineError('INPUT_NOT_FOUND', { path }, { cause });
  });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/\r?\n$/, '');
  } catch {
    return weak('the passphrase file is not UTF-8 text');
  }
}

async function ask(signal: AbortSignal, confirm: boolean): Promise<string> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new OpalineError('PASSPHRASE_REQUIRED', {});
  }
  const questions = confirm ? ['Passphrase: ', 'The same again: '] : ['Passphrase: '];
  const [first = '', again = first] = await promptSecrets(questions, signal);
  if (again !== first) weak('the two passphrases differ');
  return first;
}

function weak(reason: string): never {
  throw new OpalineError('PASSPHRASE_WEAK', { reason });
}
