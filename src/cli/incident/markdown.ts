import { clockText } from '../../policy/incident/clock.ts';
import type { Notice, NoticeSection, NoticeTable } from '../../policy/incident/notice.ts';
import { oneLine } from '../output/one-line.ts';

/** A notice in Markdown (GitHub's tables); names and texts are made harmless in it. */
export function noticeMarkdown({ title, incident, drafted, clock, sections }: Notice): string {
  return [
    `# ${plain(title)}\n`,
    bullets([
      `Draft of ${new Date(drafted).toISOString()}, to be completed by a person`,
      `Incident: ${incident}`,
      `Notice: ${clockText(clock)}`,
    ]),
    ...sections.map(sectionText),
  ].join('\n');
}

function sectionText({ title, paragraphs, items, table }: NoticeSection): string {
  return [
    `## ${plain(title)}\n`,
    ...paragraphs.map((text) => `${plain(text)}\n`),
    ...(items.length === 0 ? [] : [bullets(items)]),
    ...(table === null ? [] : [grid(table)]),
  ].join('\n');
}

function grid({ caption, titles, rows }: NoticeTable): string {
  if (rows.length === 0) return 'None.\n';
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  const body = rows.map((cells) => line(cells.map(plain)));
  return `${plain(caption)}:\n\n${line(titles)}${line(titles.map(() => '---'))}${body.join('')}`;
}

const bullets = (items: readonly string[]): string =>
  items.map((item) => `- ${plain(item)}\n`).join('');

/** No markup, no cell's end, no line's. */
function plain(text: string): string {
  return oneLine(text).replaceAll(/[\\`*_{}[\]#|<>!~]/g, (mark) => `\\${mark}`);
}
