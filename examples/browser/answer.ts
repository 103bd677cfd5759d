import type { QueryResult } from 'opaline/client';
import type { OpalineError } from 'opaline/errors';
import { element } from './element.ts';

/** Show a result as a table; undefined hides it. */
export function showAnswer(result: QueryResult | undefined): void {
  const table = element('answer', HTMLTableElement);
  table.hidden = result === undefined;
  if (result === undefined) return;
  const { columns, rows } = result;
  const numeric = columns.map((_, i) => rows.every((row) => isNumber(row[i] ?? null)));
  element('caption', HTMLElement).textContent = rows.length === 1 ? '1 row' : `${rows.length} rows`;
  table.tHead!.replaceChildren(
    line(columns.map((name, i) => cell('th', name, numeric[i] ?? false))),
  );
  table.tBodies[0]!.replaceChildren(
    ...rows.map((row) =>
      line(row.map((value, i) => cell('td', String(value ?? 'NULL'), numeric[i] ?? false))),
    ),
  );
}

export function showLeakage(leakage: QueryResult['leakage']): void {
  element('leakage-title', HTMLElement).hidden = leakage.length === 0;
  element('leakage', HTMLElement).replaceChildren(
    ...leakage.map(({ node, onQuery }) => {
      const item = document.createElement('li');
      item.textContent = `${node}: ${onQuery.length === 0 ? 'nothing' : onQuery.join('; ')}`;
      return item;
    }),
  );
}

/** The page's own words where Opaline's are for a command line. */
const WORDS: Readonly<Record<string, string>> = {
  VAULT_EXISTS: 'This browser keeps a table already: open it, or delete it first.',
  VAULT_NOT_FOUND: 'This browser keeps no table: encrypt one, and choose that it is kept here.',
  VAULT_LOCKED: 'Another tab is writing to what this browser keeps. Wait for it, then try again.',
  PASSPHRASE_WRONG: 'The passphrase is not the one that seals the keys which this browser keeps.',
  INPUT_FORMAT_UNKNOWN: 'The file’s name must end in .csv, .tsv, .ndjson, .jsonl or .parquet.',
  STORE_FULL: 'The browser gives this page no more room: take fewer rows, or delete what it keeps.',
};

export function showError(place: HTMLElement, error: unknown): void {
  place.classList.add('wrong');
  const { code, hint, message } = (error instanceof Error ? error : {}) as Partial<OpalineError>;
  const said = `${message ?? 'it failed'}${hint === undefined ? '' : ` (${hint})`}`;
  place.textContent = WORDS[code ?? ''] ?? `${said.charAt(0).toUpperCase()}${said.slice(1)}`;
}

function isNumber(value: unknown): boolean {
  return value === null || (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value));
}

function line(cells: readonly HTMLElement[]): HTMLTableRowElement {
  const row = document.createElement('tr');
  row.append(...cells);
  return row;
}

function cell(kind: 'th' | 'td', text: string, numeric: boolean): HTMLElement {
  const made = document.createElement(kind);
  made.textContent = text;
  if (kind === 'th') made.setAttribute('scope', 'col');
  if (numeric) made.className = 'number';
  return made;
}
