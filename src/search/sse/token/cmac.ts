import { permuteBlocks } from '../../../bytes/stream.ts';

const BLOCK = 16;

/**
 * AES-CMAC (NIST SP 800-38B; RFC 4493) of many messages under one key: message i is
 * data[starts[i], starts[i + 1]), its 16-byte tag comes at 16·i. All messages advance by one block
 * with each AES call, so the calls number the blocks of the longest message, not the messages.
 */
export function cmacMany(key: Uint8Array, data: Uint8Array, starts: Uint32Array): Uint8Array {
  const count = starts.length - 1;
  const { whole, padded } = subkeys(key);
  const order = longestFirst(starts);
  const state = new Uint8Array(count * BLOCK);
  let active = count;
  for (let round = 0; ; round++) {
    // Longest first: the messages that still have a block are a prefix.
    while (active > 0 && blocksOfMessage(starts, order[active - 1]!) <= round) active--;
    if (active === 0) break;
    for (let i = 0; i < active; i++) {
      const from = starts[order[i]!]! + round * BLOCK;
      const left = starts[order[i]! + 1]! - from;
      const at = i * BLOCK;
      for (let b = Math.min(left, BLOCK) - 1; b >= 0; b--) state[at + b]! ^= data[from + b]!;
      if (left > BLOCK) continue;
      if (left < BLOCK) state[at + left]! ^= 0x80;
      const last = left === BLOCK ? whole : padded;
      for (let b = 0; b < BLOCK; b++) state[at + b]! ^= last[b]!;
    }
    state.set(permuteBlocks(key, state.subarray(0, active * BLOCK)));
  }
  const tags = new Uint8Array(count * BLOCK);
  for (let i = 0; i < count; i++) {
    for (let b = 0; b < BLOCK; b++) tags[order[i]! * BLOCK + b] = state[i * BLOCK + b]!;
  }
  return tags;
}

function blocksOfMessage(starts: Uint32Array, message: number): number {
  return Math.max(1, Math.ceil((starts[message + 1]! - starts[message]!) / BLOCK));
}

/** Message numbers, those of most blocks first, by counting. */
function longestFirst(starts: Uint32Array): Uint32Array {
  const count = starts.length - 1;
  let most = 0;
  for (let i = 0; i < count; i++) most = Math.max(most, blocksOfMessage(starts, i));
  const next = new Uint32Array(most + 1);
  // next[b] becomes the number of messages of more than b blocks.
  for (let i = 0; i < count; i++) next[blocksOfMessage(starts, i) - 1]! += 1;
  for (let b = most - 1; b >= 0; b--) next[b]! += next[b + 1]!;
  const order = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[next[blocksOfMessage(starts, i)]!++] = i;
  return order;
}

/** K1 for messages of whole blocks, K2 for padded ones (SP 800-38B, section 6.1). */
function subkeys(key: Uint8Array): { whole: Uint8Array; padded: Uint8Array } {
  const whole = double(permuteBlocks(key, new Uint8Array(BLOCK)));
  return { whole, padded: double(whole) };
}

/** Multiplication by x in GF(2^128), without a branch on the secret. */
function double(block: Uint8Array): Uint8Array {
  const out = new Uint8Array(BLOCK);
  let carry = 0;
  for (let b = BLOCK - 1; b >= 0; b--) {
    out[b] = (block[b]! << 1) | carry;
    carry = block[b]! >>> 7;
  }
  out[BLOCK - 1]! ^= 0x87 & -carry;
  return out;
}
