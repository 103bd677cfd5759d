import type { Running } from './processes.ts';

/** The JSON lines a program has logged. */
export function logged(program: Running): Record<string, unknown>[] {
  return program
    .said()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Requests to a route of the service so far. */
export function requestsTo(serve: Running, route: string): number {
  return logged(serve).filter((line) => line['route'] === route).length;
}

/** Milliseconds of each leaf job that a worker has ended. */
export function leafTimes(worker: Running): number[] {
  return logged(worker)
    .filter((line) => line['job'] === 'leaf' && line['ok'] === true)
    .map((line) => Number(line['ms']));
}
