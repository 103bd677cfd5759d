import type { Documents } from '../emails.ts';

/** Something that finds the documents with a word. */
export interface SearchPeer {
  readonly name: string;
  /** What whoever stores the documents does not learn, and what it does. */
  readonly hides: string;
  /** Index documents anew, from their words to something that answers. */
  readonly index: (documents: Documents) => Promise<BuiltPeer>;
}

export interface BuiltPeer {
  /** Bytes of what is stored for searching; undefined where nothing counts them. */
  readonly bytes?: number;
  /** Numbers of the documents with the word, ascending. */
  readonly search: (word: string) => Promise<Uint32Array>;
}
