import { markup, type Child, type Markup } from './markup.ts';

export interface Column {
  readonly title: Child;
  /** Numbers stand at the right. */
  readonly numeric?: boolean;
}

/**
 * A table whose rows are headed by their first cell, in a box that scrolls by itself on a narrow screen, and by the
 * keyboard.
 * @param caption what it shows, with where it comes from
 */
export function table(
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly Child[])[],
): Markup {
  const alignment = (i: number): Markup =>
    columns[i]!.numeric === true ? markup` class="number"` : markup``;
  const head = columns.map(({ title }, i) => markup`<th scope="col"${alignment(i)}>${title}</th>`);
  const body = rows.map(([first = '', ...cells]) => {
    const others = cells.map((cell, i) => markup`<td${alignment(i + 1)}>${cell}</td>`);
    return markup`<tr><th scope="row">${first}</th>${others}</tr>`;
  });
  return markup`<div class="scroll" role="group" aria-label="${caption}" tabindex="0"><table><caption><span>${caption}</span></caption><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}

/** A table that is there when it is asked for. */
export function foldedTable(summary: string, content: Markup): Markup {
  return markup`<details><summary>${summary}</summary>${content}</details>`;
}
