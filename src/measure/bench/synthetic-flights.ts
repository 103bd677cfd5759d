import { SeededRandom } from '../attacks/seeded-random.ts';
import { type TextColumn, TextCoder } from './text-coder.ts';

const AIRPORTS: readonly string[] = (
  'ATL DFW ORD LAX PHX DEN IAH LAS DTW MSP STL SEA SFO EWR PHL CLT MCO SLC BOS LGA PIT CVG BWI SAN ' +
  'TPA JFK MCI DCA CLE MEM OAK PDX BNA MIA FLL SJC IAD RDU HOU MDW SMF MSY SAT SNA IND AUS CMH ONT ' +
  'DAL ABQ BDL MKE PBI JAX RSW BUR RNO OMA TUS OKC TUL SDF ORF BHM'
).split(' ');

/** The columns that real and made up flights share, by row. */
export interface FlightColumns {
  readonly delay: Int32Array;
  readonly distance: Int32Array;
  /** Of the planned departure: "00" to "23". */
  readonly hour: TextColumn;
  readonly origin: TextColumn;
  readonly destination: TextColumn;
}

/** Flights that never flew: a few busy airports of 64, delays with a long tail, distances fixed for a pair. */
export function syntheticFlights(rows: number): FlightColumns {
  const random = new SeededRandom(1987);
  const places = AIRPORTS.map(() => ({ x: random.uniform() * 2500, y: random.uniform() * 1300 }));
  const airport = random.drawer(AIRPORTS.map((_, i) => 1 / (i + 8)));
  // Few leave at night.
  const departure = random.drawer(Array.from({ length: 24 }, (_, h) => (h < 6 ? 1 : 12)));
  const [delay, distance] = [new Int32Array(rows), new Int32Array(rows)];
  const hour = new TextCoder(rows);
  const origin = new TextCoder(rows);
  const destination = new TextCoder(rows);
  for (let row = 0; row < rows; row++) {
    const [from, other] = [airport(), airport()];
    const to = other === from ? (from + 1) % AIRPORTS.length : other;
    const [a, b] = [places[from]!, places[to]!];
    hour.push(hourText(departure()));
    origin.push(AIRPORTS[from]!);
    destination.push(AIRPORTS[to]!);
    distance[row] = 90 + Math.round(Math.hypot(a.x - b.x, a.y - b.y));
    delay[row] = lateness(random);
  }
  return {
    delay,
    distance,
    hour: hour.column(),
    origin: origin.column(),
    destination: destination.column(),
  };
}

/** Minutes: most leave around the planned time; a quarter wait, with an exponential tail. */
function lateness(random: SeededRandom): number {
  const around = random.uniform() + random.uniform() + random.uniform() + random.uniform();
  const wait = random.uniform() < 0.25 ? -38 * Math.log(1 - random.uniform()) : 0;
  return Math.min(900, Math.floor(around * 12) - 26 + Math.floor(wait));
}

/** The hour of the day of an hour since any midnight. */
export function hourText(hours: number): string {
  return String(hours % 24).padStart(2, '0');
}
