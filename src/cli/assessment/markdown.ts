import { type Assessment, CANNOT_SHOW } from '../../policy/assessment/assessment.ts';
import type { MappedTable, ShownBy } from '../../policy/assessment/data-map.ts';
import { IMPACT_TEXT, LEVELS, LIKELIHOOD_TEXT, SCALE_TEXT } from '../../policy/assessment/scale.ts';
import { countText } from '../../policy/assessment/thresholds.ts';
import { oneLine } from '../output/one-line.ts';
import {
  ANSWER,
  BASIS,
  CLASS,
  countsText,
  day,
  DECISION,
  EXPOSURE,
  gaugeText,
  instant,
  loggedText,
  officerText,
  recoveryText,
  STATUS,
  THRESHOLD_SOURCE,
} from './words.ts';

/** The assessment in Markdown (GitHub's tables); names and texts are made harmless in it. */
export function assessmentMarkdown(assessment: Assessment): string {
  const { organisation, issued, expires, scope, map, risks, checks, processors } = assessment;
  const title = `Assessment of the impact on personal information${organisation.name === '' ? '' : `: ${organisation.name}`}`;
  return [
    `# ${plain(title)}\n`,
    bullets([
      `Made: ${instant(issued)}`,
      `Holds until: ${instant(expires)}, while its scope does`,
      `Scope: ${scope}`,
      `Status: ${loggedText(assessment)}`,
      `Store: ${map.store}`,
      ...countsText(assessment),
    ]),
    `## Risks\n\n${plain(SCALE_TEXT)}\n`,
    grid(
      ['Risk', 'Inherent', 'Residual', 'Effective measures', 'Decision'],
      risks.map(({ title, inherent, residual, stated, measures, plan }) => [
        title,
        `${gaugeText(inherent)}${stated ? ' (stated)' : ''}`,
        gaugeText(residual),
        `${measures.filter(({ effective }) => effective).length} of ${measures.length}`,
        DECISION[plan.decision],
      ]),
    ),
    '## Response plans\n',
    grid(
      ['Risk', 'Decision', 'Actions', 'Owner', 'Due', 'Accepted because'],
      risks.map(({ title, plan }) => [
        title,
        DECISION[plan.decision],
        plan.actions.join('; '),
        plan.owner,
        day(plan.due),
        plan.accepted ?? '',
      ]),
    ),
    '## Measures and checks\n',
    grid(
      ['Risk', 'Measure', 'Checks', 'Effective'],
      risks.flatMap(({ title, measures }) =>
        measures.map(({ text, checks, effective }) => [
          title,
          text,
          checks.join(', '),
          effective ? 'yes' : 'not shown',
        ]),
      ),
    ),
    grid(
      ['Check', 'Name', 'Basis', 'Result', 'Found', 'When', 'Log entry'],
      checks.map(({ id, title, basis, status, found, time, entry }) => [
        title,
        id,
        BASIS[basis],
        STATUS[status],
        found,
        instant(time),
        entry === null ? 'not logged' : String(entry),
      ]),
    ),
    '## Data map\n',
    bullets([
      `People in all: ${countText(map.subjects)}`,
      `With sensitive information: ${countText(map.sensitiveSubjects)}`,
      ...assessment.purposes.map(({ name, description }) => `Purpose ${name}: ${description}`),
    ]),
    ...map.tables.flatMap(mappedTable),
    `## Officer and body\n\n${plain(officerText(assessment))}\n\n${plain(THRESHOLD_SOURCE)}.\n`,
    grid(
      ['Condition', 'Holds', 'By'],
      assessment.thresholds.map(({ text, answer, because }) => [text, ANSWER[answer], because]),
    ),
    '## Processors\n',
    processors.length === 0
      ? 'None is declared.\n'
      : grid(
          ['Processor', 'Role', 'Legal basis', 'Region', 'Certificate', 'Until', 'Qualified'],
          processors.map((one) => [
            one.name,
            one.role,
            one.legalBasis,
            one.region,
            one.certificate ?? 'none',
            one.expires,
            one.qualified ? 'yes' : 'no',
          ]),
        ),
    '## Scale\n',
    grid(
      ['Level', 'Likelihood', 'Impact on people'],
      LEVELS.map((level) => [String(level), LIKELIHOOD_TEXT[level], IMPACT_TEXT[level]]),
    ),
    '## What this does not show\n',
    bullets(CANNOT_SHOW),
  ].join('\n');
}

function mappedTable({ table, rows, subject, subjects, columns, shows }: MappedTable): string[] {
  const whose =
    subject === null
      ? 'no column says whose a row is, so rows count as people'
      : `the column ${subject} says whose a row is`;
  const leak = (one: ShownBy, by: string): string[] => [
    one.use,
    by,
    one.atRest.join('; '),
    one.onQuery.join('; '),
    recoveryText(one),
  ];
  return [
    `### Table ${plain(table)}\n\n${plain(`${rows} rows of ${countText(subjects)}; ${whose}.`)}\n`,
    grid(
      ['Column', 'Type', 'Category', 'Class', 'Purposes', 'Summed', 'Indexes and what they show'],
      columns.map((column) => [
        column.name,
        column.type,
        column.category ?? 'not stated',
        CLASS[column.class],
        column.purposes.length === 0 ? 'none' : column.purposes.join(', '),
        column.computed ? 'yes' : 'no',
        column.indexes.map(({ index, exposure }) => `${index}: ${EXPOSURE[exposure]}`).join('; '),
      ]),
    ),
    grid(
      ['Use', 'By', 'At rest', 'By each question', 'Expected recovery of rows'],
      [
        ...columns.flatMap((column) =>
          column.indexes.flatMap(({ index, shows: own }) => own.map((one) => leak(one, index))),
        ),
        ...shows.map((one) => leak(one, 'the table')),
      ],
    ),
  ];
}

function grid(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  const body = rows.map((cells) => line(cells.map(plain)));
  return `${line(titles)}${line(titles.map(() => '---'))}${body.join('')}`;
}

const bullets = (items: readonly string[]): string =>
  items.map((item) => `- ${plain(item)}\n`).join('');

/** No markup, no cell's end, no line's. */
function plain(text: string): string {
  return oneLine(text).replaceAll(/[\\`*_{}[\]#|<>!~]/g, (mark) => `\\${mark}`);
}
