/** A progress bar on stderr; on anything but a terminal it shows nothing. */
export interface Progress {
  /** `total` may change; unknown totals are shown as a count. `detail` stands in for the count. */
  update(done: number, total: number | undefined, detail?: string): void;
  /** Clears the bar. */
  stop(): void;
}

/** Quick work is not worth a bar. */
const DELAY_MS = 300;

export async function startProgress(label: string, unit: string): Promise<Progress> {
  if (!process.stderr.isTTY) return { update: () => {}, stop: () => {} };
  const { default: cliProgress } = await import('cli-progress');
  const bar = new cliProgress.SingleBar({
    format: `${label} [{bar}] {percentage}% | {detail}`,
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
    barsize: 30,
  });
  const begun = performance.now();
  let started = false;
  return {
    update(done, total, detail): void {
      if (!started && performance.now() - begun < DELAY_MS) return;
      const share = total === undefined || total === 0 ? 0 : Math.min(1, done / total);
      const payload = { detail: detail ?? `${done.toLocaleString('en')} ${unit}` };
      if (started) bar.update(share * 100, payload);
      else bar.start(100, share * 100, payload);
      started = true;
    },
    stop(): void {
      if (started) bar.stop();
      started = false;
    },
  };
}
