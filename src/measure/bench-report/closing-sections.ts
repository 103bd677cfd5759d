import type { BenchResult, LeftOut } from '../bench/result.ts';
import { symbolIcon } from './legend.ts';
import { markup, type Child } from './markup.ts';
import { leftOutTable, schemesTable } from './measurement-tables.ts';
import { entryName, titled } from './names.ts';
import { estimateText, shareText } from './quantity.ts';
import { lookOf } from './scheme-look.ts';
import type { Section } from './sections.ts';
import { foldedTable, table } from './table.ts';
import { PAGE } from './theme.ts';
import type { WorkloadView } from './views.ts';

/** What each scheme shows, and every attack that was run on it. */
export function privacySection(views: readonly WorkloadView[]): Section | undefined {
  if (views.length === 0) return undefined;
  const parts = views.map(({ suite, workload, entries }) => {
    const rows = entries.flatMap((entry): readonly (readonly Child[])[] => {
      const { privacy } = entry.measurement;
      const name = entryName(entry);
      const attacks = privacy.attacks ?? [];
      if (attacks.length === 0) {
        const alone = estimateText(entry.advantage, shareText);
        return [[name, privacy.shows, privacy.attack ?? 'none', '–', alone]];
      }
      return attacks.map(({ attack, knowledge, on, advantage }) => [
        name,
        privacy.shows,
        `${attack}, on ${on === 'at-rest' ? 'what is at rest' : 'queries'}`,
        knowledge,
        estimateText(
          { value: advantage.mean, low: advantage.interval[0], high: advantage.interval[1] },
          shareText,
        ),
      ]);
    });
    const caption = `${titled(workload)}: what the store learns, and what each attack gets of it. Source: result.json, suite ${suite}, privacy.`;
    const columns = [
      { title: 'Scheme' },
      { title: 'What the store learns' },
      { title: 'Attack' },
      { title: 'What the attacker knows' },
      { title: 'Advantage', numeric: true },
    ];
    return foldedTable(titled(workload), table(caption, columns, rows));
  });
  return {
    id: 'privacy',
    title: 'What the store learns',
    content: markup`<p>An attack on what was built gives a lower bound on what an adversary gets, not a proof. The plots have the attack that gains most; these tables have all.</p>${parts}`,
  };
}

export function schemesSection({ schemes }: BenchResult): Section {
  return {
    id: 'schemes',
    title: 'Schemes',
    content: schemesTable(schemes, (scheme) => symbolIcon(lookOf(scheme), PAGE)),
  };
}

export function leftOutSection({ suites }: BenchResult): Section | undefined {
  const all = suites.flatMap(({ suite, leftOut = [] }) =>
    leftOut.map((one): LeftOut & { readonly suite: string } => ({ ...one, suite })),
  );
  if (all.length === 0) return undefined;
  return { id: 'left-out', title: 'What was not measured', content: leftOutTable(all) };
}

export function methodSection({ machine, data }: BenchResult): Section {
  const versions = Object.entries(machine.versions).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    id: 'method',
    title: 'How to read it',
    content: markup`<ul>
<li><b>Time</b> is the median of the runs after a warm-up, from the question to the answer in the client’s hands. Its interval is a pair of order statistics that encloses the true median with 95 % confidence, whatever the distribution; of fewer than six runs, the least and the greatest.</li>
<li><b>Advantage</b> is (recovery − guess) / (1 − guess) of the attack that gains most: recovery is the share that it names rightly, guess the share that naming the commonest value gets. Its interval is 95 % by Student’s t over seeds.</li>
<li><b>Frontier</b>: nothing else over the same rows is at least as good in both and better in one. “Perhaps”: something is by its median and mean, but not beyond the intervals.</li>
<li><b>Bytes</b> are decimal: 1 kB is 1,000 bytes.</li>
<li><b>Data</b>: ${data.source}</li>
</ul>
${table(
  'Versions of what was measured. Source: result.json, machine.versions.',
  [{ title: 'Package' }, { title: 'Version' }],
  versions,
)}`,
  };
}
