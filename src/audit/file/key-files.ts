import { equalBytes } from '../../bytes/compare.ts';
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
  private readonly shards = new Map<number, SubjectKey[]>();
  private readonly changed = new Set<number>();

  constructor(folder: LogFolder, sealing: SealingKeys) {
    this.folder = folder;
    this.sealing = sealing;
  }

  /** @throws BYTES_INVALID of a damaged file */
  async find(subject: string): Promise<DetailKey | undefined> {
    const tag = this.sealing.tagOf(subject);
    return (await this.shard(tag[0]!)).find((key) => equalBytes(key.tag, tag));
  }

  /** The subject's key, or a new one; without a subject, the key of details about nobody. */
  async provide(subject: string | undefined): Promise<DetailKey> {
    if (subject === undefined) return this.sealing.general;
    const found = await this.find(subject);
    if (found !== undefined) return found;
    const made = newSubjectKey(this.sealing.tagOf(subject));
    const number = made.tag[0]!;
    (await this.shard(number)).push(made);
    this.changed.add(number);
    return made;
  }

  /** Every subject's key. */
  async all(): Promise<readonly DetailKey[]> {
    const shards = Array.from({ length: KEY_SHARDS }, (_, number) => this.shard(number));
    return (await Promise.all(shards)).flat();
  }

  async remove(subject: string): Promise<void> {
    const tag = this.sealing.tagOf(subject);
    const kept = (await this.shard(tag[0]!)).filter((key) => !equalBytes(key.tag, tag));
    this.shards.set(tag[0]!, kept);
    this.changed.add(tag[0]!);
  }

  /** The files that the changes made different. */
  files(): Map<string, Uint8Array> {
    return new Map(
      [...this.changed].map((shard) => [
        keyPath(shard),
        sealSubjectKeys(this.shards.get(shard) ?? [], shard, this.sealing),
      ]),
    );
  }

  private async shard(number: number): Promise<SubjectKey[]> {
    const known = this.shards.get(number);
    if (known !== undefined) return known;
    const bytes = await this.folder.read(keyPath(number));
    const keys = bytes === undefined ? [] : openSubjectKeys(bytes, number, this.sealing);
    this.shards.set(number, keys);
    return keys;
  }
}
