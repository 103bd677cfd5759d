// Asks for a passphrase as `opaline init` does, and prints what it understood.
import { readPassphrase } from '../../../src/cli/passphrase.ts';

const confirm = process.argv[2] === 'confirm';
readPassphrase({}, new AbortController().signal, confirm).then(
  (passphrase) => process.stdout.write(`understood ${JSON.stringify(passphrase)}\n`),
  (error) => process.stdout.write(`refused ${error.code}\n`),
);
