import { approved } from './approved.ts';
import type { Steps } from './cases.ts';
import { computed } from './computed.ts';
import { intended } from './intended.ts';
import { may } from './may.ts';
import { recorded } from './recorded.ts';
import { safe } from './safe.ts';
import { settled } from './settled.ts';
import { who } from './who.ts';
import { whose } from './whose.ts';

/** The steps of the gate, in their order. */
export const STEPS: Steps = {
  who,
  may,
  whose,
  safe,
  approved,
  intended,
  computed,
  settled,
  recorded,
};
