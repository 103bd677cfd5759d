import { markup, type Markup } from '../../measure/bench-report/markup.ts';
import type { AssessedRisk } from '../../policy/assessment/register.ts';
import { GREATEST_SCORE } from '../../policy/assessment/scale.ts';
import { gaugesText } from './words.ts';

const LEFT = 10;
const UNIT = 20;
const WIDTH = LEFT * 2 + GREATEST_SCORE * UNIT;
const at = (score: number): number => LEFT + score * UNIT;

/** The ends of the bands, from the lowest on. */
const ENDS = [0, 2, 4, 9, GREATEST_SCORE];

/**
 * A risk on the scale: a bar as long as its residual score over the bands, and an open triangle at the inherent one.
 * Form tells them apart, not colour; the title says the same in words.
 */
export function gauge(risk: AssessedRisk): Markup {
  const zones = ENDS.slice(1).map((end, i) => {
    const start = ENDS[i]!;
    return markup`<rect class="z${i + 1}" x="${at(start)}" y="14" width="${(end - start) * UNIT}" height="22"/>`;
  });
  const ticks = ENDS.map(
    (end) => markup`<text x="${at(end)}" y="50" text-anchor="middle">${end}</text>`,
  );
  const inherent = at(risk.inherent.score);
  const triangle = `${inherent - 6},2 ${inherent + 6},2 ${inherent},12`;
  return markup`<svg class="gauge" viewBox="0 0 ${WIDTH} 54" width="${WIDTH}" height="54" role="img"><title>${gaugesText(risk)}</title>${zones}<rect class="residual" x="${LEFT}" y="21" width="${risk.residual.score * UNIT}" height="8"/><path class="inherent" d="M${inherent} 12V36"/><polygon class="inherent" points="${triangle}"/>${ticks}</svg>`;
}
