/**
 * What does not compile. `tsc --noEmit` fails where a line marked with ts-expect-error does compile, and
 * test/unit/client/typed/types.test.ts besides asks which error each marked line gives.
 */
import type { Query } from '../../src/client/typed/query.ts';
import type { Vault } from '../../src/client/api.ts';
import { and, not, or } from '../../src/client/typed/conditions.ts';
import {
  avg,
  corr,
  count,
  countDistinct,
  histogram,
  max,
  median,
  min,
  percentileDisc,
  quantile,
  sum,
  varSamp,
} from '../../src/client/typed/aggregates.ts';
import {
  defineSchema,
  type KeyOf,
  type RecordOf,
  type RowOf,
} from '../../src/client/typed/schema.ts';

/** True where two types are the same, not merely assignable to each other. */
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(): T | undefined => undefined;

const visits = {
  version: 1,
  table: 'visits',
  subject: 'patient',
  key: ['patient', 'admitted'],
  columns: {
    patient: { type: 'text' },
    admitted: { type: 'date' },
    ward: { type: 'text', search: 'tag' },
    days: { type: 'integer' },
    fee: { type: 'decimal', scale: 2, nullable: true },
    weight: { type: 'real' },
    urgent: { type: 'boolean' },
    notes: { type: 'document', nullable: true },
    code: { type: 'text', search: { index: 'sse', prefix: 8 } },
    room: { type: 'integer', search: 'sse-padded' },
    dose: { type: 'decimal', scale: 1, search: ['ore'] },
    symptoms: { type: 'document', search: 'mitra' },
    history: { type: 'document', search: 'iex' },
    blood: { type: 'text', search: 'smooth' },
    insurer: { type: 'text', search: 'pir' },
    hidden: { type: 'integer', search: [] },
  },
  derived: { cost: 'days*fee' },
} as const;

declare const vault: Vault;
const query = vault.from(visits);

// The rows.
type Visit = {
  readonly patient: string;
  readonly admitted: string;
  readonly ward: string;
  readonly days: `${bigint}`;
  readonly fee: `${number}` | null;
  readonly weight: number;
  readonly urgent: boolean;
  readonly notes: string | null;
  readonly code: string;
  readonly room: `${bigint}`;
  readonly dose: `${number}`;
  readonly symptoms: string;
  readonly history: string;
  readonly blood: string;
  readonly insurer: string;
  readonly hidden: `${bigint}`;
  readonly cost: `${number}` | null;
};
holds<Same<RowOf<typeof visits>, Visit>>();
type Rows<Q> = Q extends Query<infer _, infer O> ? O : never;
holds<Same<Rows<typeof query>, Visit>>();

const grouped = query
  .where('days', '>=', 2)
  .where('ward', 'in', ['A1', 'B2'])
  .groupBy('ward', 'urgent')
  .select('ward', 'urgent', count(), sum('days').as('days'), avg('fee').as('fee'))
  .select(median('weight'), min('admitted').as('first'), max('urgent').as('any'))
  .having(count(), '>', 1)
  .orderBy('days', 'desc')
  .orderBy(avg('fee'))
  .limit(5);
holds<
  Same<
    Rows<typeof grouped>,
    {
      readonly ward: string;
      readonly urgent: boolean;
      readonly count: `${bigint}`;
      readonly days: `${bigint}` | null;
      readonly fee: `${number}` | null;
      readonly median: number | null;
      readonly first: string | null;
      readonly any: boolean | null;
    }
  >
>();
const statistics = query.select(
  sum('fee'),
  varSamp('days'),
  corr('days', 'weight'),
  quantile('fee', 0.9),
  percentileDisc('ward', 0.5),
  histogram('days', 4),
  countDistinct('ward').as('wards'),
);
holds<
  Same<
    Rows<typeof statistics>,
    {
      readonly sum: `${number}` | null;
      readonly var_samp: `${number}` | null;
      readonly corr: number | null;
      readonly quantile: `${number}` | null;
      readonly percentile_disc: string | null;
      readonly histogram: string | null;
      readonly wards: `${bigint}`;
    }
  >
>();

// What a row may be written as, and its key.
holds<Same<KeyOf<typeof visits>, { readonly patient: string; readonly admitted: string | Date }>>();
const record: RecordOf<Pick<typeof visits, 'version' | 'table' | 'columns'>> = {
  patient: 'p1',
  admitted: new Date(0),
  ward: 'A1',
  days: 3n,
  weight: 1.5,
  urgent: true,
  code: '',
  room: '7',
  dose: '0.5',
  symptoms: '',
  history: '',
  blood: '',
  insurer: '',
  hidden: 0,
};
void record;
// @ts-expect-error 2741: a column that is not nullable is left out
const lacking: RecordOf<{ version: 1; table: 't'; columns: { a: { type: 'text' } } }> = {};
void lacking;

// Operators that the declared indexes answer.
query.where('code', 'like', 'A%');
query.where('room', 'is', null);
query.where('notes', 'match', 'tall AND dark');
query.where('notes', 'is not', null);
query.where('symptoms', 'match', 'cough');
query.where('history', 'match', 'cough AND fever');
query.where('dose', 'between', ['0.5', 2]);
query.where('blood', '=', 'A+');
query.where('insurer', '=', 'x');
query.where('fee', 'is', null);
query.where('urgent', '=', true);
query.where('cost', '<', 10);
query.where(or(['ward', '=', 'B2'], and(['days', '>', 3], not(['fee', 'is', null]))));

// Columns.
// @ts-expect-error 2345: no such column
query.where('wrad', '=', 'B2');
// @ts-expect-error 2345: no such column
query.select('wrad');
// @ts-expect-error 2345: no such column
query.groupBy('wrad');
// @ts-expect-error 2345: no such column, output or aggregate
query.orderBy('wrad');
// @ts-expect-error 2345: no such column
query.select(sum('wrad'));

// Values.
// @ts-expect-error 2345: a number for text
query.where('ward', '=', 5);
// @ts-expect-error 2345: text for a whole number
query.where('days', '=', 'two');
// @ts-expect-error 2345: a fraction's text for a whole number
query.where('days', '=', '2.5');
// @ts-expect-error 2345: a boolean for a decimal
query.where('fee', '=', true);
// @ts-expect-error 2345: text for a boolean
query.where('urgent', '=', 'yes');
// @ts-expect-error 2345: a number for a date
query.where('admitted', '<', 20250302);
// @ts-expect-error 2345: text for a real
query.where('weight', '<', '70');
// @ts-expect-error 2345: NULL equals nothing: "is"
query.where('fee', '=', null);
// @ts-expect-error 2345: one value for a list
query.where('days', 'in', 2);
// @ts-expect-error 2345: three ends
query.where('days', 'between', [1, 2, 3]);
// @ts-expect-error 2322: a value of another type in a list
query.where('days', 'in', [1, 'two']);

// Operators by index.
// @ts-expect-error 2345: no order of tags
query.where('ward', '<', 'B2');
query.where('ward', '<>', 'B2');
query.where('ward', 'is', null);
// @ts-expect-error 2345: no prefix of tags
query.where('ward', 'like', 'B%');
// @ts-expect-error 2345: no prefix without "prefix" or "ngram"
query.where('patient', 'like', 'p%');
// @ts-expect-error 2345: no order in a padded index
query.where('room', '<=', 7);
// @ts-expect-error 2345: no range in a padded index
query.where('room', 'between', [1, 7]);
query.where('dose', 'in', [1]);
// @ts-expect-error 2345: documents have no values to compare
query.where('notes', '=', 'tall');
// @ts-expect-error 2345: documents have no order
query.where('notes', '<', 'tall');
// @ts-expect-error 2345: documents of mitra have none either
query.where('symptoms', '=', 'cough');
// @ts-expect-error 2345: keywords are of documents
query.where('patient', 'match', 'p1');
// @ts-expect-error 2345: keywords are of documents, whatever the index
query.where('insurer', 'match', 'x');
query.where('blood', 'in', ['A+']);
// @ts-expect-error 2345: equality alone
query.where('insurer', '<', 'x');
// @ts-expect-error 2345: truth has no order
query.where('urgent', '<', true);
// @ts-expect-error 2345: a column without an index
query.where('hidden', '=', 1);
// @ts-expect-error 2345: no such operator
query.where('days', '==', 1);

// The same in joined conditions.
// @ts-expect-error 2345: no such column
query.where(and(['wrad', '=', 'B2']));
// @ts-expect-error 2345: no order of tags
query.where(or(['days', '=', 1], ['ward', '<', 'B2']));
// @ts-expect-error 2345: a value of another type
query.where(and(['days', '=', 1], not(['ward', '=', 5])));
// @ts-expect-error 2345: no such operator
query.where(not(['days', '~', 1]));

// Aggregates.
// @ts-expect-error 2345: a sum of text
query.select(sum('ward'));
// @ts-expect-error 2345: a mean of dates
query.select(avg('admitted'));
// @ts-expect-error 2345: the least document
query.select(min('notes'));
// @ts-expect-error 2345: a correlation with text
query.select(corr('days', 'ward'));
// @ts-expect-error 2379: in HAVING too
query.having(sum('ward'), '>', 1);

// Schemas.
defineSchema({ version: 1, table: 't', key: 'a', columns: { a: { type: 'text' } } });
// @ts-expect-error 2322: a key that is no column
defineSchema({ version: 1, table: 't', key: 'b', columns: { a: { type: 'text' } } });
// @ts-expect-error 2322: a type that is not there
defineSchema({ version: 1, table: 't', columns: { a: { type: 'string' } } });
// @ts-expect-error 2322: an index that is not there
defineSchema({ version: 1, table: 't', columns: { a: { type: 'text', search: 'btree' } } });
const named = vault.from({ version: 1, table: 't', columns: [{ name: '2024', type: 'integer' }] });
named.where('2024', '=', 1);
// @ts-expect-error 2345: columns in a list have names too
named.where('2025', '=', 1);
