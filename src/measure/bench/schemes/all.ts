import type { Scheme } from '../scheme.ts';
import { aesGcmDownload } from './aes-gcm-download.ts';
import { deterministicTags } from './deterministic-tags.ts';
import { duckdb } from './duckdb.ts';
import { findex } from './findex.ts';
import { opaline } from './opaline.ts';
import { opalineClustered } from './opaline-clustered.ts';
import { opalineIex } from './opaline-iex.ts';
import { opalineMitra } from './opaline-mitra.ts';
import { opalineOblivious } from './opaline-oblivious.ts';
import { opalineOre } from './opaline-ore.ts';
import { opalinePirBfv, opalinePirLwe } from './opaline-pir.ts';
import { opalineProduct } from './opaline-product.ts';
import { opalineSmooth } from './opaline-smooth.ts';
import { opalineSsePadded } from './opaline-sse-padded.ts';
import { opalineTag } from './opaline-tag.ts';
import { paillier } from './paillier.ts';
import { plainJs } from './plain-js.ts';
import { sealBfv } from './seal-bfv.ts';
import { sealBgv } from './seal-bgv.ts';
import { sealCkks } from './seal-ckks.ts';
import { sqlite } from './sqlite.ts';

/** Every way to keep a table that the benchmark comes with: without secrets first, then peers, then ours. */
export const SCHEMES: readonly Scheme[] = [
  plainJs,
  sqlite,
  duckdb,
  aesGcmDownload,
  deterministicTags,
  findex,
  paillier,
  sealBfv,
  sealBgv,
  sealCkks,
  opaline,
  opalineProduct,
  opalineClustered,
  opalineOblivious,
  opalineTag,
  opalineOre,
  opalineMitra,
  opalineIex,
  opalineSsePadded,
  opalineSmooth,
  opalinePirLwe,
  opalinePirBfv,
];
