import { pageHead } from '../../measure/bench-report/head.ts';
import { Markup, markup } from '../../measure/bench-report/markup.ts';
import { foldedTable, table } from '../../measure/bench-report/table.ts';
import { type Assessment, CANNOT_SHOW } from '../../policy/assessment/assessment.ts';
import type { MappedTable, ShownBy } from '../../policy/assessment/data-map.ts';
import type { AssessedRisk } from '../../policy/assessment/register.ts';
import { IMPACT_TEXT, LEVELS, LIKELIHOOD_TEXT, SCALE_TEXT } from '../../policy/assessment/scale.ts';
import { countText } from '../../policy/assessment/thresholds.ts';
import { gauge } from './gauge.ts';
import { ASSESSMENT_STYLE } from './style.ts';
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

interface Section {
  readonly id: string;
  readonly title: string;
  readonly content: Markup;
}

/**
 * The assessment as one HTML file: no script, no request, one style sheet that its own policy names by digest. Whatever
 * the assessment says is escaped.
 */
export function assessmentPage(assessment: Assessment): string {
  const sections: readonly Section[] = [
    { id: 'risks', title: 'Risks', content: riskSection(assessment) },
    { id: 'plans', title: 'Response plans', content: planSection(assessment) },
    { id: 'checks', title: 'Measures and checks', content: checkSection(assessment) },
    { id: 'map', title: 'Data map', content: mapSection(assessment) },
    { id: 'people', title: 'Officer and body', content: officerSection(assessment) },
    { id: 'processors', title: 'Processors', content: processorSection(assessment) },
    { id: 'scale', title: 'Scale', content: scaleSection() },
    { id: 'limits', title: 'What this does not show', content: list(CANNOT_SHOW) },
  ];
  return `<!doctype html>\n${document(assessment, sections)}\n`;
}

function document(assessment: Assessment, sections: readonly Section[]): Markup {
  const { name } = assessment.organisation;
  const title = `Assessment of the impact on personal information${name === '' ? '' : `: ${name}`}`;
  return markup`<html lang="en">
${pageHead(title, ASSESSMENT_STYLE)}
<body>
<a class="skip" href="#content">Skip to the content</a>
<header>
<h1>${title}</h1>
${facts(assessment)}
${countsText(assessment).map((text) => markup`<p>${text}</p>`)}
${warnings(assessment)}
</header>
<nav aria-label="Contents"><ul>${sections.map(({ id, title }) => markup`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>
<main id="content" tabindex="-1">
${sections.map(({ id, title, content }) => markup`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>${content}</section>\n`)}</main>
<footer><p>Made by <code>opaline assess</code>.</p></footer>
</body>
</html>`;
}

function facts(assessment: Assessment): Markup {
  const { issued, expires, scope, map } = assessment;
  const rows: readonly (readonly [string, string | Markup])[] = [
    ['Made', instant(issued)],
    ['Holds until', `${instant(expires)}, while its scope does`],
    ['Scope', markup`<code>${scope}</code>`],
    ['Status', loggedText(assessment)],
    ['Store', map.store],
  ];
  return markup`<dl class="facts">${rows.map(([name, value]) => markup`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}

function warnings({ checks, risks }: Assessment): Markup {
  const failed = checks.filter(({ status }) => status === 'failed');
  const stopped = risks.filter(({ plan }) => plan.decision === 'stop');
  const texts = [
    ...(stopped.length === 0
      ? []
      : [`Processing stops until these are treated or accepted: ${titles(stopped)}.`]),
    ...(failed.length === 0 ? [] : [`Checks that failed: ${titles(failed)}.`]),
  ];
  return markup`${texts.map((text) => markup`<p class="note">${text}</p>`)}`;
}

const titles = (some: readonly { readonly title: string }[]): string =>
  some.map(({ title }) => title).join('; ');

function riskSection({ risks }: Assessment): Markup {
  const rows = risks.map(({ title, inherent, residual, stated, plan, measures }) => [
    title,
    `${gaugeText(inherent)}${stated ? ' (stated)' : ''}`,
    gaugeText(residual),
    `${measures.filter(({ effective }) => effective).length} of ${measures.length}`,
    DECISION[plan.decision],
  ]);
  const columns = ['Risk', 'Inherent', 'Residual', 'Effective measures', 'Decision'];
  return markup`<p>Triangle: inherent, before any measure. Bar: residual, with the measures that their checks show to be effective. ${SCALE_TEXT}</p>
${table(`Risk register, likelihood × impact`, headed(columns), rows)}
<div class="risks">${risks.map(riskCard)}</div>`;
}

function riskCard(risk: AssessedRisk): Markup {
  const { title, text, references, measures } = risk;
  const items = measures.map(
    ({ text: what, effective, checks }) =>
      markup`<li>${what} <strong>${effective ? 'Effective' : 'Not shown'}</strong> (${checks.join(', ')})</li>`,
  );
  return markup`<section><h3>${title}</h3>${gauge(risk)}<p>${text}</p><ul>${items}</ul><p><small>${references.join('; ')}</small></p></section>`;
}

function planSection({ risks }: Assessment): Markup {
  const rows = risks.map(({ title, plan }) => [
    title,
    DECISION[plan.decision],
    list(plan.actions),
    plan.owner,
    day(plan.due),
    plan.accepted ?? '',
  ]);
  const columns = ['Risk', 'Decision', 'Actions', 'Owner', 'Due', 'Accepted because'];
  return table('A response plan for each risk', headed(columns), rows);
}

function checkSection({ checks }: Assessment): Markup {
  const rows = checks.map(({ id, title, basis, status, found, time, entry }) => [
    title,
    markup`<code>${id}</code>`,
    BASIS[basis],
    markup`<strong>${STATUS[status]}</strong>`,
    found,
    instant(time),
    entry ?? 'not logged',
  ]);
  const columns = ['Check', 'Name', 'Basis', 'Result', 'Found', 'When', 'Log entry'];
  return table('Checks and their results', headed(columns), rows);
}

function mapSection({ map, purposes }: Assessment): Markup {
  const intro = markup`<p>People in all: ${countText(map.subjects)}; with sensitive information: ${countText(map.sensitiveSubjects)}.</p>`;
  const used = purposes.map(({ name, description }) => [name, description]);
  const uses =
    used.length === 0
      ? markup`<p>There is no policy in force, and so no purpose.</p>`
      : table('Purposes of the policy in force', headed(['Purpose', 'What for']), used);
  return markup`${intro}${uses}${map.tables.map(mappedTable)}`;
}

function mappedTable({
  table: name,
  rows,
  subject,
  subjects,
  columns,
  shows,
}: MappedTable): Markup {
  const cells = columns.map((column) => [
    column.name,
    column.type,
    column.category ?? 'not stated',
    CLASS[column.class],
    column.purposes.length === 0 ? 'none' : column.purposes.join(', '),
    column.computed ? 'yes' : 'no',
    column.indexes.length === 0
      ? 'none'
      : list(column.indexes.map(({ index, exposure }) => `${index}: ${EXPOSURE[exposure]}`)),
  ]);
  const titles = [
    'Column',
    'Type',
    'Category',
    'Class',
    'Purposes',
    'Summed',
    'Indexes and what they show',
  ];
  const leaks = columns.flatMap((column) =>
    column.indexes.flatMap(({ index, shows }) => shows.map((one) => leakRow(one, index))),
  );
  const always = shows.map((one) => leakRow(one, 'the table'));
  const leakTitles = ['Use', 'By', 'At rest', 'By each question', 'Expected recovery of rows'];
  const leakTable = table(`What the store learns of ${name}`, headed(leakTitles), [
    ...leaks,
    ...always,
  ]);
  return markup`<h3>Table ${name}</h3><p>${rows} rows of ${countText(subjects)}; ${subject === null ? 'no column says whose a row is, so rows count as people' : `the column ${subject} says whose a row is`}.</p>${table(`Columns of ${name}`, headed(titles), cells)}${foldedTable(`What the store learns of ${name}, in full`, leakTable)}`;
}

const leakRow = (one: ShownBy, by: string): (string | Markup)[] => [
  one.use,
  by,
  list(one.atRest),
  list(one.onQuery),
  recoveryText(one),
];

function officerSection(assessment: Assessment): Markup {
  const rows = assessment.thresholds.map(({ text, answer, because }) => [
    text,
    ANSWER[answer],
    because,
  ]);
  return markup`<p>${officerText(assessment)}</p>${table(THRESHOLD_SOURCE, headed(['Condition', 'Holds', 'By']), rows)}`;
}

function processorSection({ processors }: Assessment): Markup {
  if (processors.length === 0) return markup`<p>None is declared.</p>`;
  const rows = processors.map((one) => [
    one.name,
    one.role,
    one.legalBasis,
    one.region,
    one.certificate ?? 'none',
    one.expires,
    one.qualified ? 'yes' : 'no',
  ]);
  const columns = [
    'Processor',
    'Role',
    'Legal basis',
    'Region',
    'Certificate',
    'Until',
    'Qualified',
  ];
  return table('Processors and their qualification, as declared', headed(columns), rows);
}

function scaleSection(): Markup {
  const rows = LEVELS.map((level) => [level, LIKELIHOOD_TEXT[level], IMPACT_TEXT[level]]);
  return markup`<p>${SCALE_TEXT}</p>${table('Levels', headed(['Level', 'Likelihood', 'Impact on people']), rows)}`;
}

const headed = (titles: readonly string[]): { readonly title: string }[] =>
  titles.map((title) => ({ title }));

const list = (items: readonly string[]): Markup =>
  markup`<ul>${items.map((item) => markup`<li>${item}</li>`)}</ul>`;
