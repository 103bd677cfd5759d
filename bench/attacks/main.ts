// Prints what attacks recover of reference data: node bench/attacks/main.ts [seeds]
import { meanInterval } from '../../src/measure/attacks/interval.ts';
import { attackByCount, attackByScore } from './topic-documents.ts';
import { attackZipfColumn } from './zipf-column.ts';

const seeds = Array.from({ length: Number(process.argv[2] ?? 20) }, (_, seed) => seed);

function line(label: string, recovered: readonly number[]): void {
  const { mean, interval } = meanInterval(recovered);
  const [low, high] = interval.map((end) => end.toFixed(3));
  console.log(`${label.padEnd(52)} ${mean.toFixed(3)}  (${low} – ${high})`);
}

console.log(`share recovered, 95 % interval, ${seeds.length} seeds`);
for (const bits of [undefined, 6, 4]) {
  const outcomes = seeds.map((seed) => attackZipfColumn(bits, seed));
  if (bits === undefined) {
    line(
      'rows of a Zipf column, guessing the mode',
      outcomes.map(({ guessTheMode }) => guessTheMode),
    );
  }
  const tags = bits === undefined ? 'a tag each' : `tags of ${bits} bits`;
  line(
    `rows of a Zipf column by frequency, ${tags}`,
    outcomes.map(({ recovery }) => recovery),
  );
}
const known = [5, 10, 15, 30];
const byScore = seeds.map((seed) => attackByScore(known, seed));
known.forEach((count, i) => {
  line(
    `keywords by RefinedScore, ${count} known queries`,
    byScore.map((found) => found[i]!),
  );
});
const parts = [1, 0.9, 0.5, 0.1];
const byCount = seeds.map((seed) => attackByCount(parts, seed));
parts.forEach((part, i) => {
  line(
    `keywords by Count, ${part * 100} % of the documents known`,
    byCount.map((found) => found[i]!),
  );
});
