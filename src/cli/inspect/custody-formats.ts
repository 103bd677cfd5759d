import { SEAL_OVERHEAD } from '../../bytes/aead.ts';
import { type FrameType, unframe } from '../../bytes/framing.ts';
import { costIsSane } from '../../keys/kdf.ts';
import type { Facts, Format } from './formats.ts';

const WHAT = 'the file';

type CustodyFrame = 'VALS' | 'SHAR' | 'DKEY' | 'CUST' | 'CSHR' | 'PREQ' | 'PART' | 'DONE';

/** The formats of divided keys and custodians. */
export const CUSTODY_FORMATS: Readonly<Record<CustodyFrame, Format>> = {
  VALS: {
    type: 'vault-at-rest',
    validate: async (data) => {
      const { readShareSet } = await import('../../keys/vault-at-rest.ts');
      const { division, threshold, commitments } = readShareSet(data);
      return { division, threshold, shares: commitments.length };
    },
  },
  SHAR: {
    type: 'vault-key-share',
    validate: (data) => Promise.resolve(checkPassphraseFile(data, 'SHAR')),
  },
  CSHR: {
    type: 'custodian-share',
    validate: (data) => Promise.resolve(checkPassphraseFile(data, 'CSHR')),
  },
  DKEY: {
    type: 'divided-public-key',
    validate: async (data) => {
      const { decodeDividedKey } = await import('../../keys/threshold/public-key.ts');
      const { id, division, custodians } = decodeDividedKey(data);
      return { id, ...division, custodians };
    },
  },
  CUST: {
    type: 'vault-custody',
    validate: (data) => {
      const reader = unframe(data, 'CUST', WHAT);
      if (reader.remaining < SEAL_OVERHEAD) reader.fail('the sealed contents are truncated');
      return Promise.resolve({});
    },
  },
  PREQ: {
    type: 'partials-request',
    validate: async (data) => {
      const { parseRequest } = await import('../../gate/custody/request.ts');
      const { key, quorum } = parseRequest(data);
      return { key, quorum, signature: 'not verified' };
    },
  },
  PART: {
    type: 'partials',
    validate: async (data) => {
      const { decodePartials } = await import('../../gate/custody/partials.ts');
      const { index, scalars } = decodePartials(data);
      return { custodian: index, scalars: scalars.length };
    },
  },
  DONE: {
    type: 'answered-sums',
    validate: async (data) => {
      const { decodeAnswered } = await import('../../gateway/custodian/answered.ts');
      return { sums: decodeAnswered(data, WHAT).length };
    },
  },
};

function checkPassphraseFile(data: Uint8Array, type: FrameType): Facts {
  const reader = unframe(data, type, WHAT);
  const cost = { memory: reader.u32(), passes: reader.u32(), parallelism: reader.u32() };
  if (!costIsSane(cost)) reader.fail('the Argon2id cost is not sane');
  reader.raw(16);
  if (reader.remaining < SEAL_OVERHEAD) reader.fail('the sealed contents are truncated');
  const { memory, passes, parallelism } = cost;
  return { kdf: `argon2id, ${memory} KiB, ${passes} passes, ${parallelism} lanes` };
}
