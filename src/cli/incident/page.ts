import { pageHead } from '../../measure/bench-report/head.ts';
import { Markup, markup } from '../../measure/bench-report/markup.ts';
import { STYLE } from '../../measure/bench-report/style.ts';
import { table } from '../../measure/bench-report/table.ts';
import { clockText } from '../../policy/incident/clock.ts';
import type { Notice, NoticeSection } from '../../policy/incident/notice.ts';

/** The style of the project's pages; a reason may be one long word. */
const NOTICE_STYLE: string = `${STYLE}
p,li,h1,td{overflow-wrap:anywhere}
`;

/**
 * A notice as one HTML file: no script, no request, one style sheet that its own policy names by digest. Whatever the
 * notice says is escaped.
 */
export function noticePage(notice: Notice): string {
  return `<!doctype html>\n${document(notice)}\n`;
}

function document({ title, incident, drafted, clock, sections }: Notice): Markup {
  const facts: readonly (readonly [string, string | Markup])[] = [
    ['Draft of', new Date(drafted).toISOString()],
    ['Incident', markup`<code>${incident}</code>`],
    ['Notice', clockText(clock)],
  ];
  return markup`<html lang="en">
${pageHead(title, NOTICE_STYLE)}
<body>
<a class="skip" href="#content">Skip to the content</a>
<header>
<h1>${title}</h1>
<p class="note">A draft: a person completes and gives it.</p>
<dl class="facts">${facts.map(([name, value]) => markup`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
</header>
<main id="content" tabindex="-1">
${sections.map(sectionMarkup)}</main>
<footer><p>Made by <code>opaline incident notice</code>.</p></footer>
</body>
</html>`;
}

function sectionMarkup({ id, title, paragraphs, items, table: grid }: NoticeSection): Markup {
  const list =
    items.length === 0 ? '' : markup`<ul>${items.map((one) => markup`<li>${one}</li>`)}</ul>`;
  const columns =
    grid === null
      ? ''
      : grid.rows.length === 0
        ? markup`<p>None.</p>`
        : table(
            grid.caption,
            grid.titles.map((one) => ({ title: one })),
            grid.rows,
          );
  return markup`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>${paragraphs.map((text) => markup`<p>${text}</p>`)}${list}${columns}</section>\n`;
}
