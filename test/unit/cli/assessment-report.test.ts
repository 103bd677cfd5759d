import { createHash } from 'node:crypto';
import { parseHTML } from 'linkedom';
import { expect, test } from 'vitest';
import { assessmentJson } from '../../../src/cli/assessment/json.ts';
import { assessmentMarkdown } from '../../../src/cli/assessment/markdown.ts';
import { assessmentPage } from '../../../src/cli/assessment/page.ts';
import { RISKS } from '../../../src/policy/assessment/risks.ts';
import { HOSTILE, inventedAssessment } from '../../support/assessment.ts';

const assessment = inventedAssessment();
const page = assessmentPage(assessment);
const { document } = parseHTML(page);
const all = (selector: string) => [...document.querySelectorAll(selector)];

test('the page has no script, no request and one style that its policy names', () => {
  expect(all('script, link, img, iframe, [style], [onerror], [src]')).toEqual([]);
  const style = all('style');
  expect(style).toHaveLength(1);
  const digest = createHash('sha256').update(style[0]!.textContent).digest('base64');
  const policy = all('meta[http-equiv]')[0]!.getAttribute('content');
  expect(policy).toBe(
    `default-src 'none'; style-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'`,
  );
});

test('names are text, whatever is in them', () => {
  expect(page).not.toContain('<img');
  expect(page).not.toContain('\u202e');
  expect(document.querySelector('h1')!.textContent).toContain('<img src=x onerror=alert(1)>');
});

test('every risk has a gauge with its numbers in words, and the same in the table', () => {
  const gauges = all('svg.gauge');
  expect(gauges).toHaveLength(RISKS.length);
  const rows = all('#risks ~ .scroll tbody tr');
  expect(rows).toHaveLength(RISKS.length);
  for (const [i, { title, inherent, residual }] of assessment.risks.entries()) {
    expect(gauges[i]!.getAttribute('role')).toBe('img');
    expect(gauges[i]!.querySelector('title')!.textContent).toBe(
      `${title}: inherent ${inherent.score} of 16, ${inherent.band}; residual ${residual.score} of 16, ${residual.band}`,
    );
    const bar = gauges[i]!.querySelector('rect.residual')!;
    expect(Number(bar.getAttribute('width'))).toBe(residual.score * 20);
    const cells = [...rows[i]!.querySelectorAll('th, td')].map((cell) => cell.textContent);
    expect(cells.slice(0, 2)).toEqual([
      title,
      `${inherent.likelihood} × ${inherent.impact} = ${inherent.score}, ${inherent.band}`,
    ]);
  }
});

test('each check, plan, threshold, column and processor has its row, and each id is one element’s', () => {
  const count = (id: string) => all(`#${id} ~ .scroll tbody tr`).length;
  expect(count('checks')).toBe(18);
  expect(count('plans')).toBe(RISKS.length);
  expect(count('people')).toBe(3);
  expect(count('processors')).toBe(1);
  const ids = all('[id]').map((one) => one.id);
  expect(new Set(ids).size).toBe(ids.length);
  const targets = all('nav a').map((link) => link.getAttribute('href')!.slice(1));
  expect(targets.every((target) => ids.includes(target))).toBe(true);
});

test('a risk to be stopped and a failed check stand at the top', () => {
  const notes = all('header .note').map((note) => note.textContent);
  expect(notes).toContain(
    'Checks that failed: No sensitive column has an index that shows order or equality at rest.',
  );
  const bare = inventedAssessment(['sensitive-hidden', 'parameters-secure', 'keys-apart']);
  expect(bare.risks.find(({ id }) => id === 'store-reads')!.plan.decision).toBe('stop');
  expect(assessmentPage(bare)).toContain('Processing stops until');
});

test('Markdown: no line, cell or tag ends where a name says so', () => {
  const text = assessmentMarkdown(assessment);
  expect(text).not.toMatch(/(^|[^\\])<img/);
  expect(text).not.toContain('\u202e');
  const grids = text.split(/\n\n+/).filter((block) => block.startsWith('|'));
  expect(grids.length).toBeGreaterThan(8);
  for (const grid of grids) {
    const widths = grid
      .trimEnd()
      .split('\n')
      .map((line) => line.replaceAll('\\|', '').split('|').length);
    expect(new Set(widths).size, grid).toBe(1);
  }
});

test('JSON holds all of it, with times that read', () => {
  const json = JSON.parse(JSON.stringify(assessmentJson(assessment))) as typeof assessment;
  expect(json.risks).toHaveLength(RISKS.length);
  expect(json).toMatchObject({
    issued: '2026-01-01T00:00:00.000Z',
    expires: '2027-01-01T00:00:00.000Z',
    organisation: { name: HOSTILE },
    officerDue: 'unknown',
  });
});
