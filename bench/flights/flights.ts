/**
 * Flights that never flew, in the shape of the public record of US domestic flights: one row a
 * departure, in order of date, 64 airports of which a few are busy, delays with a long tail. A seed
 * gives the same rows on every machine, any number of them.
 */
export interface Flight {
  /** Minutes since 1970-01-01 00:00 UTC. */
  readonly minute: number;
  /** Minutes late, −26 to 900; about one in ten is more than half an hour. */
  readonly delay: number;
  /** Miles, fixed for a pair of airports. */
  readonly distance: number;
  readonly origin: string;
  readonly destination: string;
}

export const AIRPORTS: readonly string[] = (
  'ATL DFW ORD LAX PHX DEN IAH LAS DTW MSP STL SEA SFO EWR PHL CLT MCO SLC BOS LGA PIT CVG BWI SAN ' +
  'TPA JFK MCI DCA CLE MEM OAK PDX BNA MIA FLL SJC IAD RDU HOU MDW SMF MSY SAT SNA IND AUS CMH ONT ' +
  'DAL ABQ BDL MKE PBI JAX RSW BUR RNO OMA TUS OKC TUL SDF ORF BHM'
).split(' ');

/** As `vault.ingest` and `--schema` take it. The pair makes CORR(delay, distance) a linear sum. */
export const FLIGHTS_SCHEMA = {
  version: 1,
  table: 'flights',
  columns: {
    date: { type: 'timestamp' },
    delay: { type: 'integer', range: ['-10000', '10000'] },
    distance: { type: 'integer', range: ['0', '10000'] },
    origin: { type: 'text' },
    destination: { type: 'text' },
  },
  pairs: [['delay', 'distance']],
} as const;

/** Minutes from 1970 to 2001, and in 2001. */
const FIRST_MINUTE = 16_305_120;
const MINUTES = 525_600;

/** `rows` flights spread evenly over a year. */
export function* flights(rows: number, seed = 2001): Generator<Flight> {
  const random = generator(seed);
  const places = AIRPORTS.map(() => ({ x: random() * 2500, y: random() * 1300 }));
  const busy = cumulative(AIRPORTS.map((_, i) => 1 / (i + 8)));
  const airport = (): number => {
    const draw = random();
    return busy.findIndex((end) => draw < end);
  };
  for (let i = 0; i < rows; i++) {
    const from = airport();
    const other = airport();
    const to = other === from ? (from + 1) % AIRPORTS.length : other;
    const [a, b] = [places[from]!, places[to]!];
    yield {
      minute: FIRST_MINUTE + Math.floor((i * MINUTES) / rows),
      delay: delay(random),
      distance: 90 + Math.round(Math.sqrt((a.x - b.x) ** 2 + (a.y - b.y) ** 2)),
      origin: AIRPORTS[from]!,
      destination: AIRPORTS[to]!,
    };
  }
}

/** Most leave around the planned time; a quarter wait, with an exponential tail. */
function delay(random: () => number): number {
  const usual = Math.floor((random() + random() + random() + random()) * 12) - 26;
  const late = random() < 0.25 ? -38 * Math.log(1 - random()) : 0;
  return Math.min(900, usual + Math.floor(late));
}

function cumulative(weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let sum = 0;
  const ends = weights.map((weight) => (sum += weight) / total);
  // Rounding must not leave a draw without an airport.
  ends[ends.length - 1] = 1;
  return ends;
}

/** Uniform in [0, 1): Bob Jenkins' small noncryptographic generator (sfc32 as in PractRand). */
function generator(seed: number): () => number {
  let [a, b, c, counter] = [seed >>> 0, 0x9e3779b9, 0x243f6a88, 1];
  const next = (): number => {
    const out = (((a + b) >>> 0) + counter) >>> 0;
    counter = (counter + 1) >>> 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) >>> 0;
    c = (((c << 21) | (c >>> 11)) + out) >>> 0;
    return out / 2 ** 32;
  };
  for (let i = 0; i < 16; i++) next();
  return next;
}
