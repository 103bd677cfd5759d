/** A worker of a cluster that takes jobs and never ends them: node stuck-worker.ts REDIS STORE. */
import { FileScratch } from '../../src/store/backends/file-scratch.ts';
import { ClusterWorker } from '../../src/run/cluster/worker.ts';

// Not longer than the test that started it.
process.stdin.resume().once('end', () => process.exit());

const [redis = '', folder = ''] = process.argv.slice(2);
const worker = await ClusterWorker.start({
  redis,
  scratch: new FileScratch(folder),
  pool: {
    width: 1,
    run: () => {
      process.stderr.write('took a job\n');
      return new Promise(() => undefined);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  },
});
process.stderr.write(`ready as ${worker.id};\n`);
