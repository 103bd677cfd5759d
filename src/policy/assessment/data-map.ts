import { classOf, type DataClass } from './categories.ts';
import type { Purpose } from '../document.ts';

/** How much an index shows, from the least to the most. */
export const EXPOSURES = ['hidden', 'padded', 'queries', 'rest'] as const;
/**
 * hidden: neither what is asked nor which rows answer. padded: lengths are evened out. queries: which rows an unnamed
 * question finds, once it is asked. rest: something of the values' order or equality without any question.
 */
export type Exposure = (typeof EXPOSURES)[number];

/** What a store learns by one use of an index. */
export interface ShownBy {
  readonly use: string;
  readonly atRest: readonly string[];
  readonly onQuery: readonly string[];
  /** Share of the rows, 0 to 1, that the named attack is expected to recover; null: measured, no closed form. */
  readonly recovery: { readonly attack: string; readonly fraction: number } | null;
}

export interface MappedIndex {
  readonly index: string;
  readonly exposure: Exposure;
  readonly shows: readonly ShownBy[];
}

/** A column as its schema declares it; no value of any row. */
export interface DescribedColumn {
  readonly name: string;
  readonly type: string;
  readonly category: string | null;
  /** The columns whose product it is; none: it was collected. */
  readonly derived: readonly string[];
  /** Whether ciphertexts of it are added by the store. */
  readonly computed: boolean;
  readonly indexes: readonly MappedIndex[];
}

/** How many distinct people, as far as can be told. */
export interface Count {
  readonly atLeast: number;
  readonly atMost: number;
}

export interface DescribedTable {
  readonly table: string;
  readonly rows: number;
  /** The column that says whose row it is; null: rows count as people. */
  readonly subject: string | null;
  readonly subjects: Count;
  readonly columns: readonly DescribedColumn[];
  /** What the store learns whatever is asked. */
  readonly shows: readonly ShownBy[];
}

export interface MappedColumn extends DescribedColumn {
  readonly class: DataClass;
  /** The purposes that need it; empty where there is no policy. */
  readonly purposes: readonly string[];
}

export interface MappedTable extends Omit<DescribedTable, 'columns'> {
  readonly columns: readonly MappedColumn[];
}

export interface DataMap {
  readonly tables: readonly MappedTable[];
  /** Where the ciphertexts are: "local folder", or a remote store's origin. */
  readonly store: string;
  /** Of all tables. */
  readonly subjects: Count;
  /** Of those with a sensitive column. */
  readonly sensitiveSubjects: Count;
}

/**
 * The data map: what is held, of which class, for which purposes, and what each index shows.
 * @param sensitive labels that are sensitive beside those that always are
 */
export function dataMap(
  tables: readonly DescribedTable[],
  store: string,
  purposes: Readonly<Record<string, Purpose>>,
  sensitive: readonly string[] = [],
): DataMap {
  const mapped = tables.map((table): MappedTable => {
    const own = Object.entries(purposes).filter(([, purpose]) => purpose.table === table.table);
    const columns = table.columns.map((column): MappedColumn => ({
      ...column,
      class: classOfColumn(column, table.columns, sensitive),
      purposes: own.filter(([, { fields }]) => fields.includes(column.name)).map(([name]) => name),
    }));
    return { ...table, columns };
  });
  return {
    tables: mapped,
    store,
    subjects: peopleOf(mapped.filter(({ columns }) => columns.some(isPersonal))),
    sensitiveSubjects: peopleOf(mapped.filter(({ columns }) => columns.some(isSensitive))),
  };
}

/** What is computed from a sensitive column is sensitive. */
function classOfColumn(
  { category, derived }: DescribedColumn,
  columns: readonly DescribedColumn[],
  sensitive: readonly string[],
): DataClass {
  const own = classOf(category, sensitive);
  if (derived.length === 0) return own;
  const classes = columns
    .filter(({ name }) => derived.includes(name))
    .map((factor) => classOf(factor.category, sensitive));
  return STRICTEST.find((one) => one === own || classes.includes(one)) ?? own;
}

const STRICTEST: readonly DataClass[] = ['sensitive', 'personal', 'unstated', 'none'];

export const isSensitive = (column: Pick<MappedColumn, 'class'>): boolean =>
  column.class === 'sensitive';
/** A column whose category is not stated may be of anything. */
export const isPersonal = (column: Pick<MappedColumn, 'class'>): boolean => column.class !== 'none';

/** One person may be in several tables, or in none but one: as many as the largest has, at most the sum. */
function peopleOf(tables: readonly { readonly subjects: Count }[]): Count {
  return {
    atLeast: Math.max(0, ...tables.map(({ subjects }) => subjects.atLeast)),
    atMost: tables.reduce((sum, { subjects }) => sum + subjects.atMost, 0),
  };
}

/** The index of a column that shows the most; hidden where none is there. */
export function exposureOf({ indexes }: Pick<DescribedColumn, 'indexes'>): Exposure {
  const ranks = indexes.map(({ exposure }) => EXPOSURES.indexOf(exposure));
  return EXPOSURES[Math.max(0, ...ranks)]!;
}
