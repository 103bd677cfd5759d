import { OpalineError } from '../../errors/opaline-error.ts';
import { RowSet } from '../../table/row-set.ts';
import type { StoreIndex } from '../rung.ts';
import { lookupPosting } from '../sse/eval.ts';
import { keystream } from '../sse/keystream.ts';
import { findRecord } from '../sse/region.ts';
import {
  parseIex,
  type ParsedIex,
  TINY_LABEL_BYTES,
  TINY_LABEL_WORDS,
  TINY_RECORD,
  WHAT,
} from './format.ts';
import { decodeQuery, type IexQuery, type QueryTerm } from './query.ts';
import { decodeTiny } from './tiny.ts';

/**
 * An index as the store holds it.
 * @throws BYTES_INVALID, VERSION_UNSUPPORTED
 */
export function iexIndex(part: Uint8Array): Required<Pick<StoreIndex, 'rows' | 'find'>> {
  const index = parseIex(part);
  return { rows: index.rows, find: (token) => findRows(index, token) };
}

/**
 * The rows that satisfy a token's formula. Terms that nothing was indexed under have no rows.
 * @throws BYTES_INVALID for a malformed token, or an index whose records are damaged.
 */
export function findRows(index: ParsedIex, token: Uint8Array): RowSet {
  const query = decodeQuery(token);
  const first = query.first.map((each) => list(index, each));
  const among = query.first.length === 0 ? RowSet.full(index.rows) : union(index.rows, first);
  const terms = query.terms.map((term: QueryTerm) =>
    'first' in term
      ? first[term.first]!
      : union(
          index.rows,
          term.tokens.map((each) => list(index, each)),
        ),
  );
  return among.and(evaluate(query, terms));
}

function evaluate({ formula }: IexQuery, terms: readonly RowSet[]): RowSet {
  const values: RowSet[] = [];
  for (const node of formula) {
    switch (node.kind) {
      case 'term':
        values.push(terms[node.term]!);
        break;
      case 'not':
        values.push(values[node.arg]!.not());
        break;
      case 'and':
      case 'or': {
        const args = node.args.map((arg) => values[arg]!);
        values.push(args.reduce((a, b) => (node.kind === 'and' ? a.and(b) : a.or(b))));
        break;
      }
      default:
        node satisfies never;
    }
  }
  return values.at(-1)!;
}

/** The rows of one list: a tiny record, or as sse stores it. */
function list(index: ParsedIex, token: Uint8Array): RowSet {
  const stream = keystream(token, TINY_RECORD / 4);
  const at = findRecord(index.tiny, stream, 0);
  if (at < 0) return lookupPosting(index, token);
  const word = index.tiny.view.getUint32(at + TINY_LABEL_BYTES, true) ^ stream[TINY_LABEL_WORDS]!;
  const rows = decodeTiny(word >>> 0, index.rows);
  if (rows === undefined) {
    throw new OpalineError('BYTES_INVALID', {
      what: WHAT,
      reason: 'a list length is out of range',
    });
  }
  return rows;
}

function union(rows: number, sets: readonly RowSet[]): RowSet {
  return sets.reduce((a, b) => a.or(b), new RowSet(rows));
}
