import { open } from 'node:fs/promises';
import type { Flight } from './flights.ts';

const BLOCK_CHARACTERS = 1 << 20;

/** Write flights as CSV with a header; dates as PostgreSQL writes timestamps. */
export async function writeCsv(path: string, flights: Iterable<Flight>): Promise<void> {
  const file = await open(path, 'w');
  try {
    let block = 'date,delay,distance,origin,destination\n';
    for (const { minute, delay, distance, origin, destination } of flights) {
      block += `${timestamp(minute)},${delay},${distance},${origin},${destination}\n`;
      if (block.length < BLOCK_CHARACTERS) continue;
      await file.write(block);
      block = '';
    }
    await file.write(block);
  } finally {
    await file.close();
  }
}

let lastDay = -1;
let dayText = '';

/** `2001-01-05 20:04:00`. Flights come in order of date, so that a day is spelt out once. */
export function timestamp(minute: number): string {
  const day = Math.floor(minute / 1440);
  if (day !== lastDay) {
    lastDay = day;
    dayText = new Date(day * 86_400_000).toISOString().slice(0, 10);
  }
  const ofDay = minute - day * 1440;
  return `${dayText} ${two(Math.floor(ofDay / 60))}:${two(ofDay % 60)}:00`;
}

function two(number: number): string {
  return number < 10 ? `0${number}` : String(number);
}
