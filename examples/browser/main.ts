/** The page: what is chosen goes to a vault in a worker, what is asked to the same, and answers come back. */
import { type BrowserVault, createVault, deleteVault, openVault } from 'opaline/browser';
import { showAnswer, showError, showLeakage } from './answer.ts';
import { element } from './element.ts';
import { SAMPLES } from './samples.ts';

const NAME = 'page';
const WEATHER = 'seattle-weather.csv';

let vault: BrowserVault | undefined;
const sql = element('sql', HTMLTextAreaElement);
const encrypted = element('encrypted', HTMLElement);
const status = element('status', HTMLElement);
const progress = element('progress', HTMLProgressElement);

element('encrypt', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault();
  void work(encrypted, encrypt);
});
element('open', HTMLButtonElement).addEventListener('click', () => {
  if (element('passphrase', HTMLInputElement).reportValidity()) void work(encrypted, open);
});
element('discard', HTMLButtonElement).addEventListener('click', () => {
  const sure = 'Delete the keys and the table that this browser keeps? There is no way back.';
  if (confirm(sure)) void work(encrypted, discard);
});
element('file', HTMLInputElement).addEventListener('change', () => {
  document.querySelector<HTMLInputElement>('input[name="rows"][value="file"]')!.checked = true;
});
element('ask', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault();
  void work(status, ask);
});
element('explain', HTMLButtonElement).addEventListener('click', () => void work(status, explain));
element('threads', HTMLElement).textContent = globalThis.crossOriginIsolated
  ? `This page is cross-origin isolated: its workers may share memory, on ${navigator.hardwareConcurrency} cores.`
  : 'This page is not cross-origin isolated: without SharedArrayBuffer everything runs on one thread.';

/** One thing at a time; what it throws is shown where its success would be. */
async function work(place: HTMLElement, run: () => Promise<string>): Promise<void> {
  const buttons = [...document.querySelectorAll('button')];
  for (const button of buttons) button.disabled = true;
  document.body.setAttribute('aria-busy', 'true');
  place.classList.remove('wrong');
  try {
    place.textContent = await run();
  } catch (error) {
    showError(place, error);
  } finally {
    progress.hidden = true;
    document.body.removeAttribute('aria-busy');
    for (const button of buttons) {
      const asks = button.closest('#ask') !== null;
      button.disabled = asks && vault === undefined;
    }
  }
}

async function encrypt(): Promise<string> {
  const file = await chosenFile();
  const passphrase = element('passphrase', HTMLInputElement).value;
  const keep = checked('keep') === 'indexeddb' ? 'indexeddb' : 'memory';
  encrypted.textContent = 'Stretching the passphrase …';
  await vault?.close();
  vault = undefined;
  const made = await createVault(NAME, { passphrase, keep });
  try {
    progress.removeAttribute('value');
    progress.hidden = false;
    const begun = performance.now();
    const report = await made.ingestFile(file, {
      onProgress: (rows, share = 0) => {
        // Rows are stored by the hundred thousand: until the first are, nobody can say how far it is.
        if (share > 0) progress.value = share;
        const stored = rows === 0 ? '' : ` ${rows.toLocaleString('en')} rows are stored.`;
        encrypted.textContent = `Encrypting …${stored}`;
      },
    });
    vault = made;
    await offerQuestions();
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    return (
      `Encrypted ${report.rows.toLocaleString('en')} rows in ${seconds} s. ` +
      `${(report.bytesUp / 1e6).toFixed(1)} MB of ciphertexts went to the store, and no key.`
    );
  } catch (error) {
    await made.close();
    if (keep === 'indexeddb') await deleteVault(NAME);
    throw error;
  }
}

async function open(): Promise<string> {
  const passphrase = element('passphrase', HTMLInputElement).value;
  encrypted.textContent = 'Stretching the passphrase …';
  await vault?.close();
  vault = undefined;
  vault = await openVault(NAME, { passphrase });
  await offerQuestions();
  return 'Opened.';
}

async function discard(): Promise<string> {
  await vault?.close();
  vault = undefined;
  await deleteVault(NAME);
  return 'Deleted.';
}

async function ask(): Promise<string> {
  status.textContent = 'Asking …';
  const result = await vault!.query(sql.value);
  showAnswer(result);
  showLeakage(result.leakage);
  const { ms, bytesUp, bytesDown } = result.stats;
  return `Answered in ${ms.toFixed(0)} ms; ${bytesUp} bytes to the store and ${bytesDown} back.`;
}

async function explain(): Promise<string> {
  const { leakage, plan } = await vault!.explain(sql.value);
  showAnswer(undefined);
  showLeakage(leakage);
  return plan.join('\n');
}

/** Questions that fit the table: those written for the weather, else of any table. */
async function offerQuestions(): Promise<void> {
  const tables = await vault!.tables();
  const table = tables[0];
  if (table === undefined) return;
  const questions = SAMPLES.get(table.table) ?? [
    { title: 'How many rows?', sql: `SELECT COUNT(*) FROM "${table.table}"` },
  ];
  sql.value = questions[0]!.sql;
  element('samples', HTMLElement).replaceChildren(
    ...questions.map(({ title, sql: text }) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = title;
      button.addEventListener('click', () => {
        sql.value = text;
        sql.focus();
      });
      return button;
    }),
  );
}

async function chosenFile(): Promise<File> {
  if (checked('rows') === 'file') {
    const file = element('file', HTMLInputElement).files?.[0];
    if (file === undefined) throw new Error('No file is chosen.');
    return file;
  }
  const response = await fetch(WEATHER);
  return new File([await response.blob()], WEATHER);
}

function checked(name: string): string | undefined {
  return document.querySelector<HTMLInputElement>(`input[name="${name}"]:checked`)?.value;
}
