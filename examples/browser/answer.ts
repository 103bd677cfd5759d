import type { QueryResult } from 'opaline/client';
import { element } from './element.ts';

/** Show a result as a table; undefined hides it. */
export function showAnswer(result: QueryResult | undefined): void {
  const table = element('answer', HTMLTableElement);
  table.hidden = result === undefined;
  if (result === undefined) return;
  const { columns, rows } = result;
  const numeric = columns.map((_, i) => rows.every((row) => isNumber(row[i] ?? null)));
  element('caption', HTMLElement).textContent = `${rows.length} rows`;
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

export function showError(place: HTMLElement, error: unknown): void {
  place.classList.add('wrong');
  const hint =
    error instanceof Error && 'hint' in error && typeof error.hint === 'string'
      ? ` (${error.hint})`
      : '';
  place.textContent = `${error instanceof Error ? error.message : 'It failed.'}${hint}`;
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
