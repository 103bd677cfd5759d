import type { Rung } from '../table/search-index.ts';

/** The attacks that can be run against a vault's own indexes (measure/attacks). */
export const ATTACKS = [
  'frequency',
  'sap',
  'ihop',
  'count',
  'refined-score',
  'range',
  'distinguisher',
] as const;
export type AttackName = (typeof ATTACKS)[number];

/** How a rung's leakage is measured. */
export interface RungMeasure {
  /**
   * What a query's volume is: the rows that the store finds by it, or the bytes that a lookup is answered with, where
   * the store finds none. Fetching or adding up what a hiding index found shows rows again; that is not measured here.
   */
  readonly volume: 'rows' | 'replies';
  /** By what the store sees that a query is the same again; default: by what it is sent. */
  readonly repeats?: 'rows';
  /** Of equality queries on one column. */
  readonly attacks: readonly AttackName[];
  /** Of predicates on all columns of a table together: what rows they share shows. */
  readonly together: readonly AttackName[];
  /** Of queries for the words of a column of documents: of one alone, a document holds many. */
  readonly documents: readonly AttackName[];
}

/** What can be run on queries for words: a document has many, so its rows have no one value to name. */
export const DOCUMENT_ATTACKS: readonly AttackName[] = [
  'count',
  'refined-score',
  'sap',
  'distinguisher',
];

/** Rung → the attacks that measure it (the ladder's last column). */
export const LADDER: { readonly [R in Rung]: RungMeasure } = {
  // A reply holds all rows under a tag, as the store sees them at rest already.
  tag: { volume: 'replies', attacks: ['frequency', 'distinguisher'], together: [], documents: [] },
  ore: {
    volume: 'rows',
    attacks: ['frequency', 'range', 'distinguisher'],
    together: [],
    documents: [],
  },
  sse: {
    volume: 'rows',
    attacks: ['frequency', 'sap', 'range', 'distinguisher'],
    together: ['count', 'refined-score'],
    documents: DOCUMENT_ATTACKS,
  },
  // Its addresses come in a random order; the same rows come of them.
  mitra: {
    volume: 'rows',
    repeats: 'rows',
    attacks: ['frequency', 'sap', 'distinguisher'],
    together: ['count', 'refined-score'],
    documents: DOCUMENT_ATTACKS,
  },
  // Of documents alone. A term that is asked for by itself is a first one, whose rows show whole.
  iex: { volume: 'rows', attacks: [], together: [], documents: DOCUMENT_ATTACKS },
  'sse-padded': {
    volume: 'replies',
    attacks: ['sap', 'distinguisher'],
    together: [],
    documents: ['sap', 'distinguisher'],
  },
  smooth: {
    volume: 'replies',
    attacks: ['ihop', 'sap', 'distinguisher'],
    together: [],
    documents: [],
  },
  pir: {
    volume: 'replies',
    attacks: ['distinguisher'],
    together: [],
    documents: ['distinguisher'],
  },
  oblivious: { volume: 'replies', attacks: ['distinguisher'], together: [], documents: [] },
};
