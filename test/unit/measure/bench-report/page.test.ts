import { createHash } from 'node:crypto';
import { parseHTML } from 'linkedom';
import { describe, expect, test } from 'vitest';
import type { BenchResult } from '../../../../src/measure/bench/result.ts';
import { reportPage } from '../../../../src/measure/bench-report/page.ts';
import { pictures } from '../../../../src/measure/bench-report/pictures.ts';
import { pngRenderer } from '../../../../src/measure/bench-report/png.ts';
import { inventedResult } from '../../../support/bench-result.ts';

const png = (await pngRenderer())!;
const result = inventedResult(3);
const page = reportPage(result, ['result.json', 'measurements.csv']);
const { document } = parseHTML(page);

describe('the page', () => {
  test('asks for nothing, and runs nothing', () => {
    const links = [...document.querySelectorAll('a')].map((a) => a.getAttribute('href')!);
    expect(links.filter((href) => !/^#|^[a-z-]+\.(json|csv|png)$/.test(href))).toEqual([]);
    expect(
      document.querySelector('script, link, img, iframe, object, embed, use, image'),
    ).toBeNull();
    for (const element of document.querySelectorAll('*')) {
      for (const { name, value } of element.attributes) {
        expect(name).not.toMatch(/^(on|style$|src$)/);
        expect(value).not.toMatch(/url\(|javascript:/i);
      }
    }
    expect(page.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|@import|url\(/);
  });

  test('its policy allows its own style sheet alone', () => {
    const styles = [...document.querySelectorAll('style')];
    expect(styles).toHaveLength(1);
    const digest = createHash('sha256').update(styles[0]!.textContent!).digest('base64');
    const policy = document.querySelector('meta[http-equiv]')!.getAttribute('content');
    expect(policy).toBe(
      `default-src 'none'; style-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'`,
    );
  });

  test('every plot has a title, a description and a table', () => {
    const figures = [...document.querySelectorAll('figure')];
    // Frontiers and bytes of four workloads, growth, error, noise, three of ablations, two kernels.
    expect(figures).toHaveLength(4 + 4 + 1 + 2 + 3 + 2);
    for (const figure of figures) {
      expect(figure.querySelector('figcaption')!.textContent).not.toBe('');
      expect(figure.querySelector('details summary')).not.toBeNull();
      for (const svg of figure.querySelectorAll('svg[role=img]')) {
        const ids = svg.getAttribute('aria-labelledby')!.split(' ');
        const texts = ids.map((id) => document.getElementById(id)!.textContent!);
        expect(texts.every((text) => text.length > 2)).toBe(true);
      }
      expect(figure.querySelectorAll('svg[role=img]')).toHaveLength(2);
    }
    expect(document.querySelectorAll('figure details table').length).toBeGreaterThan(14);
  });

  test('no name is there twice, and every link within leads somewhere', () => {
    const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const a of document.querySelectorAll('a[href^="#"]')) {
      expect(ids).toContain(a.getAttribute('href')!.slice(1));
    }
  });

  test('says what it is not', () => {
    const notes = [...document.querySelectorAll('.note')].map(({ textContent }) => textContent);
    expect(notes.join()).toMatch(/a look, not a result.*times are too long/);
  });

  test('shows the medians that were measured', () => {
    const { ms } = result.suites[0]!.measurements[0]!;
    const median = ms.toSorted((a, b) => a - b)[5]!;
    const text = `${Number(median.toPrecision(3))} ms`;
    expect(document.querySelector('.matrix td')!.textContent).toContain(text);
  });
});

const HOSTILE = `</title></style><script>alert(1)</script>"'<img src=x onerror=alert(1)>&amp;\u202e]]>`;

/** A result whose every free text is hostile. */
function hostile(): BenchResult {
  const text = JSON.stringify(result, (key, value: unknown) =>
    typeof value === 'string' &&
    /^(title|security|shows|attack|knowledge|what|reason|incomplete|command|cpu|os|node|source|parameters)$/.test(
      key,
    )
      ? HOSTILE
      : key === 'workload' || key === 'scheme' || key === 'family'
        ? `${String(value)}${HOSTILE}`
        : value,
  );
  return JSON.parse(text) as BenchResult;
}

describe('a result that says hostile things', () => {
  test('says them as text', () => {
    const { document } = parseHTML(reportPage(hostile(), ['result.json']));
    expect(document.querySelector('script, img')).toBeNull();
    expect(document.querySelectorAll('style')).toHaveLength(1);
    expect(document.body.textContent).toContain('<script>alert(1)</script>');
    expect(document.body.textContent).not.toContain('\u202e');
  });

  test('makes pictures that are well-formed, under names that are safe', () => {
    for (const [name, svg] of pictures(hostile())) {
      expect(name).toMatch(/^[a-z0-9-]+$/);
      expect(svg).not.toMatch(/<script|<img/);
      if (name === 'growth-dark') expect(png(svg).length).toBeGreaterThan(1000);
    }
  });
});

describe('pictures', () => {
  test('are PNG files, twice as large as drawn', () => {
    const svg = pictures(result).get('growth-light')!;
    const bytes = Buffer.from(png(svg));
    expect(bytes.subarray(1, 4).toString()).toBe('PNG');
    expect(bytes.readUInt32BE(16)).toBe(2 * Number(/width="(\d+)"/.exec(svg)![1]));
  });

  test('no two labels of a frontier overlap, and none is missing', () => {
    for (const seed of [3, 4, 5, 6]) {
      const { suites } = inventedResult(seed);
      const names = new Set(suites[0]!.measurements.map(({ scheme }) => scheme));
      for (const [name, svg] of pictures(inventedResult(seed))) {
        if (!/^frontier-(sum|keyword)-light/.test(name)) continue;
        for (const one of names) expect(svg).toMatch(new RegExp(`<text[^>]*>${one}[,<]`));
      }
    }
  });
});

test('a result of nothing still has a page', () => {
  const { document } = parseHTML(reportPage({ ...result, suites: [], schemes: [] }, []));
  expect([...document.querySelectorAll('h2')].map(({ id }) => id)).toEqual(['schemes', 'method']);
});
