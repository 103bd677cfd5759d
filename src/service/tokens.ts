import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { equalBytes } from '../bytes/compare.ts';
import { utf8 } from '../bytes/codec.ts';
import { sha256 } from '../bytes/hash.ts';
import { fromHex, toHex } from '../bytes/hex.ts';
import { randomBytes, randomId } from '../bytes/random.ts';
import { OpalineError } from '../errors/opaline-error.ts';
import { type Scope, SCOPES } from '../store/protocol.ts';

const TOKENS_FILE = 'tokens.json';
/** Of a token's text, the part that is not secret: opal_ and its id. */
export const TOKEN_ID_LENGTH: number = 'opal_'.length + 16;

const stored = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{16}$/),
  name: z.string().min(1).max(200),
  /** SHA-256 of the secret: 256 random bits need no slow hash. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  scopes: z.array(z.enum(SCOPES)).min(1),
  created: z.iso.datetime(),
  expires: z.iso.datetime().nullable(),
});
const file = z.strictObject({ version: z.literal(1), tokens: z.array(stored) });

type StoredToken = z.infer<typeof stored>;

/** A token as its operator sees it: what can be said without its secret. */
export interface TokenInfo {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly created: string;
  readonly expires: string | null;
}

/** The bearer tokens of a store's folder. Changes made by another process are seen at the next call. */
export class Tokens {
  private readonly path: string;
  private known: readonly StoredToken[] = [];
  private version = '';

  constructor(store: string) {
    this.path = join(store, TOKENS_FILE);
  }

  async list(): Promise<readonly TokenInfo[]> {
    return (await this.load()).map(({ id, name, scopes, created, expires }) => ({
      id,
      name,
      scopes,
      created,
      expires,
    }));
  }

  /** True once there has been a token: then every request needs one, expired and revoked ones or not. */
  async required(): Promise<boolean> {
    await this.load();
    return this.version !== '';
  }

  /** A new token's text, which is shown once and kept nowhere. */
  async add(name: string, scopes: readonly Scope[], expires: Date | null): Promise<string> {
    const id = toHex(randomBytes(8));
    const secret = toHex(randomBytes(32));
    const added = stored.parse({
      id,
      name,
      hash: toHex(sha256(utf8(secret))),
      scopes,
      created: new Date().toISOString(),
      expires: expires?.toISOString() ?? null,
    });
    await this.save([...(await this.load()), added]);
    return `opal_${id}_${secret}`;
  }

  /** @throws USAGE when there is no such token */
  async revoke(id: string): Promise<void> {
    const tokens = await this.load();
    const kept = tokens.filter((token) => token.id !== id);
    if (kept.length === tokens.length) {
      throw new OpalineError('USAGE', { reason: `no token has the id ${id}` });
    }
    await this.save(kept);
  }

  /** What a presented token may do; undefined when it is none, or expired. Constant time in its secret. */
  async scopesOf(presented: string, now: Date): Promise<readonly Scope[] | undefined> {
    const [, id, secret] = /^opal_([0-9a-f]{16})_([0-9a-f]{64})$/.exec(presented) ?? [];
    if (id === undefined || secret === undefined) return undefined;
    const token = (await this.load()).find((known) => known.id === id);
    const hash = fromHex(token?.hash ?? '0'.repeat(64), 'a hash');
    const matches = equalBytes(sha256(utf8(secret)), hash);
    if (token === undefined || !matches) return undefined;
    if (token.expires !== null && now >= new Date(token.expires)) return undefined;
    return token.scopes;
  }

  private async load(): Promise<readonly StoredToken[]> {
    const found = await stat(this.path, { bigint: true }).catch(absent);
    const version = found === undefined ? '' : `${found.ino}/${found.mtimeNs}/${found.size}`;
    if (version === this.version) return this.known;
    // A file that is damaged, or gone while the service runs, must not open the door.
    const text = await readFile(this.path, 'utf8').catch(() => '');
    const parsed = file.safeParse(parseJson(text));
    if (!parsed.success) {
      throw new OpalineError('STORE_IO', { operation: 'reading tokens.json', reason: 'damaged' });
    }
    this.known = parsed.data.tokens;
    this.version = version;
    return this.known;
  }

  private async save(tokens: readonly StoredToken[]): Promise<void> {
    const aside = `${this.path}.${randomId()}.tmp`;
    const text = `${JSON.stringify({ version: 1, tokens }, undefined, 2)}\n`;
    await writeFile(aside, text, { mode: 0o600, flush: true });
    await rename(aside, this.path);
  }
}

/** Only a file that is not there means that there are no tokens. */
function absent(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw new OpalineError('STORE_IO', { operation: 'reading tokens.json', reason: 'unreadable' });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
