import type { BenchResult } from '../bench/result.ts';
import {
  leftOutSection,
  methodSection,
  privacySection,
  schemesSection,
} from './closing-sections.ts';
import { pageHead } from './head.ts';
import { Markup, markup } from './markup.ts';
import { byteText, digitsText, rowsText } from './quantity.ts';
import {
  ablationSection,
  bytesSection,
  errorSection,
  frontierSection,
  growthSection,
  summarySection,
  timesSection,
  type Section,
} from './sections.ts';
import { STYLE } from './style.ts';
import { workloadsOf } from './views.ts';

/**
 * The report as one HTML file: no script, no request, one style sheet that its own policy names by digest. Whatever the
 * result says is escaped.
 * @param files names of the files beside it, which it links to
 */
export function reportPage(result: BenchResult, files: readonly string[]): string {
  const views = result.suites.flatMap((suite) => workloadsOf(result, suite));
  const withFrontier = views.filter(({ hasFrontier }) => hasFrontier);
  const sections = [
    summarySection(result, withFrontier),
    frontierSection(result, withFrontier),
    bytesSection(withFrontier),
    growthSection(result),
    errorSection(views),
    ablationSection(result),
    timesSection(
      result,
      views.filter(({ hasFrontier }) => !hasFrontier),
    ),
    privacySection(withFrontier),
    schemesSection(result),
    leftOutSection(result),
    methodSection(result),
  ].filter((section) => section !== undefined);
  return `<!doctype html>\n${document(result, sections, files)}\n`;
}

function document(
  result: BenchResult,
  sections: readonly Section[],
  files: readonly string[],
): Markup {
  const title = `Efficiency against privacy: ${result.data.name}, ${rowsText(result.data.rows)}`;
  return markup`<html lang="en">
${pageHead(title, STYLE)}
<body>
<a class="skip" href="#content">Skip to the content</a>
<header>
<h1>${title}</h1>
<p>The same questions, asked of the same table kept in different ways: how long each takes, what it moves, and what an attacker who holds the table learns.</p>
${facts(result)}
${warnings(result)}
</header>
<nav aria-label="Contents"><ul>${sections.map(({ id, title }) => markup`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>
<main id="content" tabindex="-1">
${sections.map(({ id, title, content }) => markup`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>${content}</section>\n`)}</main>
<footer><p>Beside this page: ${files.map((file, i) => markup`${i === 0 ? '' : ', '}<a href="${encodeURIComponent(file)}">${file}</a>`)}. Made by <code>opaline bench report</code>.</p></footer>
</body>
</html>`;
}

function facts({ date, command, commit, seconds, machine, data }: BenchResult): Markup {
  const { cpu, cores, memoryBytes, os, node, load } = machine;
  const rows: readonly (readonly [string, string | Markup])[] = [
    ['Data', `${data.name}, ${rowsText(data.rows)}`],
    ['Run', `${date}, ${digitsText(seconds)} s`],
    ['Command', markup`<code>${command}</code>`],
    ['Commit', markup`<code>${commit ?? 'not a checkout'}</code>`],
    [
      'Machine',
      `${cpu}, ${cores} ${cores === 1 ? 'core' : 'cores'}, ${byteText(memoryBytes)}, ${os}, Node ${node}`,
    ],
    ['Load', `${digitsText(load[0])} before, ${digitsText(load[1])} after`],
  ];
  return markup`<dl class="facts">${rows.map(([name, value]) => markup`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}

function warnings({ quick, machine, incomplete }: BenchResult): Markup {
  const busy = machine.load[0] > machine.cores;
  const texts = [
    ...(incomplete === undefined ? [] : [`The run did not come to its end: ${incomplete}.`]),
    ...(quick ? ['A quick run, of fewer rows and rounds: a look, not a result.'] : []),
    ...(busy
      ? ['More was running than the machine has cores when this began: its times are too long.']
      : []),
  ];
  return markup`${texts.map((text) => markup`<p class="note">${text}</p>`)}`;
}
