import { createHash } from 'node:crypto';
import { parseHTML } from 'linkedom';
import { describe, expect, test } from 'vitest';
import { noticeMarkdown } from '../../../src/cli/incident/markdown.ts';
import { noticePage } from '../../../src/cli/incident/page.ts';
import { incidentRows, noticeJson, scopeText } from '../../../src/cli/incident/text.ts';
import { AUDIENCES, noticeOf } from '../../../src/policy/incident/notice.ts';
import { HOSTILE } from '../../support/assessment.ts';
import { incident, NOTICE_FACTS, OPENED } from '../policy/incident/support.ts';

const hostile = { ...NOTICE_FACTS, incident: incident({ reason: HOSTILE }) };

describe.each(AUDIENCES)('a notice for %s', (to) => {
  const notice = noticeOf(hostile, to);

  test('as a page has no script, no request and one style that its policy names', () => {
    const { document } = parseHTML(noticePage(notice));
    const all = (selector: string) => [...document.querySelectorAll(selector)];
    expect(all('script, link, img, iframe, [style], [onerror], [src]')).toEqual([]);
    const [style] = all('style');
    const digest = createHash('sha256').update(style!.textContent).digest('base64');
    expect(all('meta[http-equiv]')[0]!.getAttribute('content')).toBe(
      `default-src 'none'; style-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'`,
    );
    const ids = all('[id]').map((one) => one.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(all('h2').map((one) => one.textContent)).toEqual(
      notice.sections.map(({ title }) => title),
    );
    expect(all('tbody tr')).toHaveLength(2);
    expect(document.querySelector('h1')!.textContent).toContain('Ward & <Sons>');
    expect(document.querySelector('main')!.textContent).toContain('<img src=x');
  });

  test('in Markdown has every section, and texts are harmless in it', () => {
    const text = noticeMarkdown(notice);
    expect(text.match(/^## /gm)).toHaveLength(notice.sections.length);
    expect(text).not.toMatch(/[^\\]<img/);
    expect(text).toContain('| days | visits | health | personal, sensitive |');
    expect(text).toContain('71 h 0 min left');
  });

  test('as data has its times in RFC 3339', () => {
    expect(noticeJson(notice)).toMatchObject({
      audience: to,
      drafted: '2026-03-01T13:00:00.000Z',
      clock: { hours: 72, due: '2026-03-04T12:00:00.000Z' },
    });
  });
});

test('a list and a scope show the deadline, and steer no terminal', () => {
  const one = incident({ reason: `${HOSTILE}\u001b[2J` });
  const later = OPENED + 73 * 3_600_000;
  for (const text of [incidentRows([one], later), scopeText(one, NOTICE_FACTS.scope, later)]) {
    expect(text).toContain('due 2026-03-04T12:00:00.000Z, overdue by 1 h 0 min');
    expect(text).not.toContain('\u001b');
  }
  expect(incidentRows([], later)).toBe('no incidents\n');
});
