import { DatabaseSync } from 'node:sqlite';
import { openBytes, sealBytes } from '../../../src/bytes/aead.ts';
import { utf8 } from '../../../src/bytes/codec.ts';
import { randomBytes } from '../../../src/bytes/random.ts';
import type { SearchPeer } from './peer.ts';

/** The same words in SQLite's full-text index, in memory, which keeps of a word only its documents. */
export const fts5: SearchPeer = {
  name: 'node:sqlite FTS5',
  hides: 'nothing: plaintext',
  index: ({ words }) => {
    const database = new DatabaseSync(':memory:');
    database.exec(`CREATE VIRTUAL TABLE emails USING fts5(words, content = '', detail = none)`);
    const insert = database.prepare('INSERT INTO emails (rowid, words) VALUES (?, ?)');
    database.exec('BEGIN');
    for (const [document, each] of words.entries()) insert.run(document, each.join(' '));
    database.exec('COMMIT');
    const query = database.prepare('SELECT rowid FROM emails WHERE emails MATCH ? ORDER BY rowid');
    return Promise.resolve({
      search: (word) =>
        Promise.resolve(Uint32Array.from(query.all(`"${word}"`), ({ rowid }) => Number(rowid))),
    });
  },
};

const NO_CONTEXT = new Uint8Array(0);

/** No index: the vault fetches every document, opens it, and looks. */
export const scan: SearchPeer = {
  name: 'decrypt and scan, AES-256-GCM',
  hides: 'everything; all documents move',
  index: ({ words }) => {
    const key = randomBytes(32);
    const sealed = words.map((each) => sealBytes(key, utf8(` ${each.join(' ')} `), NO_CONTEXT));
    const decoder = new TextDecoder();
    return Promise.resolve({
      bytes: sealed.reduce((sum, { length }) => sum + length, 0),
      search: (word) => {
        const wanted = ` ${word} `;
        const found: number[] = [];
        for (const [document, each] of sealed.entries()) {
          const opened = decoder.decode(openBytes(key, each, NO_CONTEXT, 'a document'));
          if (opened.includes(wanted)) found.push(document);
        }
        return Promise.resolve(Uint32Array.from(found));
      },
    });
  },
};
