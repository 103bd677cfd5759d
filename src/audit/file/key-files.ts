import { toHex } from '../../bytes/hex.ts';
import type { DetailKey } from '../detail.ts';
import {
  KEY_SHARDS,
  keyPath,
  newSubjectKey,
  openSubjectKeys,
  type SealingKeys,
  sealSubjectKeys,
  type SubjectKey,
} from '../subject-keys.ts';
import type { LogFolder } from './log-folder.ts';

/** Subjects' keys as one operation sees and changes them; nothing is written before its end. */
export class KeyFiles {
  private readonly folder: LogFolder;
  private readonly sealing: SealingKeys;
  /** By the tag's first byte, then by the tag. */
  private readonly shards = new Map<number, Map<string, SubjectKey>>();
  private readonly changed = new Set<number>();

  constructor(folder: LogFolder, sealing: SealingKeys) {
    this.folder = folder;
    this.sealing = sealing;
  }

  /** @throws BYTES_INVALID of a damaged file */
  async find(subject: string): Promise<DetailKey | undefined> {
    const tag = this.sealing.tagOf(subject);
    return (await this.shard(tag[0]!)).get(toHex(tag));
  }

  /** The subject's key, or a new one; without a subject, the key of details about nobody. */
  async provide(subject: string | undefined): Promise<DetailKey> {
    if (subject === undefined) return this.sealing.general;
    const found = await this.find(subject);
    if (found !== undefined) return found;
    const made = newSubjectKey(this.sealing.tagOf(subject));
    const number = made.tag[0]!;
    (await this.shard(number)).set(toHex(made.tag), made);
    this.changed.add(number);
    return made;
  }

  /** Every subject's key. */
  async all(): Promise<readonly DetailKey[]> {
    const shards = Array.from({ length: KEY_SHARDS }, (_, number) => this.shard(number));
    return (await Promise.all(shards)).flatMap((keys) => [...keys.values()]);
  }

  async remove(subject: string): Promise<void> {
    const tag = this.sealing.tagOf(subject);
    (await this.shard(tag[0]!)).delete(toHex(tag));
    this.changed.add(tag[0]!);
  }

  /** The files that the changes made different. */
  files(): Map<string, Uint8Array> {
    return new Map(
      [...this.changed].map((shard) => [
        keyPath(shard),
        sealSubjectKeys([...this.shards.get(shard)!.values()], shard, this.sealing),
      ]),
    );
  }

  private async shard(number: number): Promise<Map<string, SubjectKey>> {
    const known = this.shards.get(number);
    if (known !== undefined) return known;
    const bytes = await this.folder.read(keyPath(number));
    const read = bytes === undefined ? [] : openSubjectKeys(bytes, number, this.sealing);
    const keys = new Map(read.map((key) => [toHex(key.tag), key]));
    this.shards.set(number, keys);
    return keys;
  }
}
