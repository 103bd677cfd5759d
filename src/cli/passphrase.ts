import { readFile } from 'node:fs/promises';
import { OpalineError } from '../errors/opaline-error.ts';
import { promptSecrets } from './prompt.ts';

export interface PassphraseOptions {
  readonly passphraseFile?: string;
}

/** Where a passphrase may come from, and what it is called at a prompt. */
interface Place {
  readonly file: string | undefined;
  readonly variable: string;
  readonly question: string;
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
  const file = options.passphraseFile;
  return await read(
    { file, variable: 'OPALINE_PASSPHRASE', question: 'Passphrase' },
    signal,
    confirm,
  );
}

/** The passphrase to change to: --new-passphrase-file, OPALINE_NEW_PASSPHRASE or a prompt, asked twice. */
export async function readNewPassphrase(
  { newPassphraseFile: file }: { readonly newPassphraseFile?: string },
  signal: AbortSignal,
): Promise<string> {
  const variable = 'OPALINE_NEW_PASSPHRASE';
  return await read({ file, variable, question: 'New passphrase' }, signal, true);
}

async function read(place: Place, signal: AbortSignal, confirm: boolean): Promise<string> {
  const given = place.file === undefined ? process.env[place.variable] : await fromFile(place.file);
  const passphrase = given ?? (await ask(place.question, signal, confirm));
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

async function ask(question: string, signal: AbortSignal, confirm: boolean): Promise<string> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new OpalineError('PASSPHRASE_REQUIRED', {});
  }
  const questions = confirm ? [`${question}: `, 'The same again: '] : [`${question}: `];
  const [first = '', again = first] = await promptSecrets(questions, signal);
  if (again !== first) weak('the two passphrases differ');
  return first;
}

function weak(reason: string): never {
  throw new OpalineError('PASSPHRASE_WEAK', { reason });
}
