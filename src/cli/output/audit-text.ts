import { toBase64 } from '../../bytes/base64.ts';
import type { LogFinding } from '../../audit/verify/findings.ts';
import { CANNOT_SHOW, type LogSummary } from '../../audit/verify/summary.ts';
import type { LogVerdict } from '../../audit/verify/verify-log.ts';
import { oneLine } from './one-line.ts';
import { tableText } from './table-text.ts';

/** A verdict as lines: what is wrong and where, then what was checked. */
export function verdictText(verdict: LogVerdict): string {
  return [...verdict.findings.map(findingLine), okLine(verdict)].join('');
}

/** The same as plain data. */
export function verdictJson(verdict: LogVerdict): object {
  const { checkpoint, findings, details, witnessed } = verdict;
  return {
    origin: checkpoint?.origin ?? null,
    entries: checkpoint?.size ?? null,
    root: checkpoint === undefined ? null : toBase64(checkpoint.root),
    details,
    witnessed,
    findings,
  };
}

export function summaryJson({ kinds, verdict }: LogSummary): object {
  return {
    ...verdictJson(verdict),
    kinds: kinds.map(({ first, last, ...kind }) => ({
      ...kind,
      first: instant(first),
      last: instant(last),
    })),
    cannotShow: CANNOT_SHOW,
  };
}

/** A report in Markdown; names from the log are made harmless in it. */
export function summaryMarkdown(summary: LogSummary): string {
  const { verdict, kinds } = summary;
  const rows = kinds.map(
    ({ kind, entries, first, last }) =>
      `| ${cell(kind)} | ${entries} | ${instant(first)} | ${instant(last)} |\n`,
  );
  const list = (lines: readonly string[]): string =>
    lines.map((line) => `- ${cell(line)}\n`).join('');
  return [
    `# Audit log ${cell(summary.origin ?? '')}\n\n${cell(statement(summary))}\n\n`,
    `| kind | entries | first | last |\n| --- | ---: | --- | --- |\n${rows.join('')}\n`,
    `## Details\n\n${list(detailLines(verdict))}\n`,
    `## Witnesses\n\n${list(witnessLines(verdict))}\n`,
    `## Findings\n\n${list(findingTexts(verdict))}\n`,
    `## What a log cannot show\n\n${list(CANNOT_SHOW)}`,
  ].join('');
}

export function summaryText(summary: LogSummary): string {
  const { verdict, kinds } = summary;
  const rows = kinds.map(({ kind, entries, first, last }) => [
    kind,
    entries,
    instant(first),
    instant(last),
  ]);
  const list = (lines: readonly string[]): string =>
    lines.map((line) => `  ${oneLine(line)}\n`).join('');
  return [
    `${oneLine(statement(summary))}\n\n`,
    tableText(['kind', 'entries', 'first', 'last'], rows),
    `\ndetails\n${list(detailLines(verdict))}`,
    `\nwitnesses\n${list(witnessLines(verdict))}`,
    `\nfindings\n${list(findingTexts(verdict))}`,
    `\nwhat a log cannot show\n${list(CANNOT_SHOW)}`,
  ].join('');
}

function statement({ origin, entries, verdict }: LogSummary): string {
  if (verdict.checkpoint === undefined) return 'There is no checkpoint that the key signed.';
  const judged = verdict.problems === 0 ? 'verifies' : 'does not verify';
  return `The log ${origin} of ${entries} entries ${judged}.`;
}

function detailLines({ details }: LogVerdict): string[] {
  return [
    `${details.open + details.sealed} as they were logged`,
    `${details.absent} gone: shredded, or removed`,
  ];
}

function witnessLines({ witnessed }: LogVerdict): string[] {
  return witnessed.length === 0
    ? ['none that is known']
    : witnessed.map(
        ({ name, size, seconds }) => `${name}: ${size} entries, ${instant(1000 * seconds)}`,
      );
}

function findingTexts({ findings }: LogVerdict): string[] {
  return findings.length === 0
    ? ['none']
    : findings.map(({ level, where, text }) => `${level}: ${where}: ${text}`);
}

const findingLine = ({ level, where, text }: LogFinding): string =>
  `${level.padEnd(7)}  ${oneLine(where)}: ${oneLine(text)}\n`;

function okLine({ checkpoint, problems, details, witnessed }: LogVerdict): string {
  if (checkpoint === undefined || problems > 0) return '';
  const { origin, size, root } = checkpoint;
  const sealed = details.open + details.sealed;
  return (
    `ok       ${oneLine(origin)}: ${size} entries, root ${toBase64(root)}; ` +
    `${sealed} details as they were logged, ${details.absent} gone` +
    `${witnessed.length === 0 ? '' : `; cosigned by ${witnessed.map(({ name, size: at }) => `${oneLine(name)} at ${at}`).join(', ')}`}\n`
  );
}

/** Times of others' entries may be beyond what a date can be. */
function instant(time: number): string {
  return Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : `${time} ms`;
}

/** No markup and no cell's end. */
function cell(text: string): string {
  return oneLine(text).replaceAll(/[\\`*_{}[\]()#|<>!]/g, (mark) => `\\${mark}`);
}
