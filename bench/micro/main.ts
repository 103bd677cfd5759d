/**
 * One thread, one process: our kernels, node-seal and a plain read of memory take turns.
 * `node bench/micro/main.ts [rounds]` prints JSON. Build the kernels first (npm run build:wasm).
 */
import os from 'node:os';
import { microSuite } from './suite.ts';

const { details, lines } = await microSuite(Number(process.argv[2] ?? 5));
const ratios = lines.map(({ what, peer, ratio, wanted }) => ({
  what: `${what} / ${peer.who}`,
  ratio,
  wanted,
}));
const cpu = os.cpus()[0]?.model;
const load = os.loadavg()[0];
console.log(JSON.stringify({ cpu, node: process.version, load, ...details, ratios }, null, 2));
