import { digits } from '../samples.ts';
import { PEER_QUERIES, type PeerQuery, type PeerResult } from './peer.ts';

/** The peers side by side, times in milliseconds. */
export function peersText(results: readonly PeerResult[]): string {
  const header = ['', ...PEER_QUERIES, 'bytes a row', 'what it hides'];
  const rows = results.map((result) => [
    result.peer,
    ...PEER_QUERIES.map((query) => cell(result, query)),
    String(digits(result.bytesPerRow, 3)),
    result.security,
  ]);
  const widths = header.map((_, c) =>
    Math.max(...[header, ...rows].map((row) => row[c]?.length ?? 0)),
  );
  const text = [header, ...rows]
    .map((row) =>
      row
        .map((value, c) => value.padEnd(widths[c]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
  return `${text}\n\n~ from fewer rows, in proportion; milliseconds, best of several`;
}

function cell({ ms, measuredRows }: PeerResult, query: PeerQuery): string {
  const value = ms[query];
  if (value === undefined) return 'cannot';
  const shown = value >= 1e6 ? value.toExponential(2) : String(digits(value, 3));
  return measuredRows[query] === undefined ? shown : `~${shown}`;
}
