const waiting: (() => void)[] = [];
let port: MessagePort | undefined;

/**
 * Lets whatever else this thread has to do come first: an abort, another call, a progress bar.
 *
 * Never by a timer: its shortest wait is a millisecond, and four in a chain of timers (HTML, "timer initialisation
 * steps"), longer than many a segment takes. A browser has messages instead.
 */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') {
      setImmediate(resolve);
      return;
    }
    waiting.push(resolve);
    port ??= ownPort();
    port.postMessage(null);
  });
}

/** A port whose every message ends the wait of who has waited longest. */
function ownPort(): MessagePort {
  const { port1, port2 } = new MessageChannel();
  port1.addEventListener('message', () => waiting.shift()?.());
  port1.start();
  return port2;
}
