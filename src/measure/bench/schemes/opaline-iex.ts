import { quoted } from '../../keyword-space.ts';
import type { LabTable, Scheme } from '../scheme.ts';
import { factsOf } from '../column-facts.ts';
import { layoutOf } from './support/opaline-layout.ts';
import { opalineScheme } from './support/opaline-scheme.ts';

/** Pairs of keywords that occur together are indexed too, so that it grows with the square of a row's keywords. */
const MOST_ROWS = 100_000;
/** A document of each row's values: a keyword for each column and value. */
const VALUES = 'values of the row';

/**
 * IEX (Kamara–Moataz 2017): of a conjunction the store sees the rows of the first term and those of them that have
 * the others, not the others' lists. Values of columns are keywords of one document, as a boolean query takes them.
 */
export const opalineIex: Scheme = opalineScheme({
  name: 'opaline-iex',
  title: 'Opaline, boolean index (IEX)',
  security:
    'values and questions, from the store, under a PRF; it sees the rows of the first term, and of a conjunction which of them have the other terms',
  family: 'sse',
  mostRows: MOST_ROWS,
  workloads: ['keyword', 'conjunction'],
  layout: (table) => {
    const texts = textColumns(table);
    return layoutOf(table, ({ kind }) => (kind === 'document' ? 'iex' : undefined), {
      ...(texts.length > 1 && {
        extra: {
          name: VALUES,
          column: { type: 'document', search: 'iex' },
          cell: (row) => texts.map(({ codes }, i) => keywordOf(i, codes[row])).join(' '),
        },
      }),
    });
  },
  sql: (table, schema, question) => {
    const from = `FROM ${quoted(schema.table)}`;
    const match = (column: string, terms: string) => ({
      sql: `SELECT COUNT(*) ${from} WHERE MATCH(${quoted(column)}, $1)`,
      parameters: [terms],
    });
    if (question.workload === 'keyword') {
      const known = schema.columns.some(({ name }) => name === question.column);
      return known ? match(question.column, question.word) : undefined;
    }
    if (question.workload !== 'conjunction') return undefined;
    const texts = textColumns(table);
    const terms = question.where.map(({ column, value }) => {
      const at = texts.findIndex(({ name }) => name === column);
      return at === -1 ? undefined : keywordOf(at, texts[at]!.places.get(value));
    });
    return terms.includes(undefined) ? undefined : match(VALUES, terms.join(' AND '));
  },
});

interface Text {
  readonly name: string;
  readonly codes: Uint32Array;
  readonly places: ReadonlyMap<string, number>;
}

const known = new WeakMap<LabTable, readonly Text[]>();

function textColumns(table: LabTable): readonly Text[] {
  let texts = known.get(table);
  if (texts === undefined) {
    texts = factsOf(table).flatMap(({ name }) => {
      const column = table.columns[name]!;
      if (column.kind !== 'text') return [];
      const places = new Map(column.values.map((value, i) => [value, i]));
      return [{ name, codes: column.codes, places }];
    });
    known.set(table, texts);
  }
  return texts;
}

/** Of letters and digits, as keywords are; a value that no row has is a keyword that no row has. */
const keywordOf = (column: number, code: number | undefined): string =>
  `c${column}v${code ?? 'none'}`;
