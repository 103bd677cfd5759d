export interface Sample {
  readonly title: string;
  readonly sql: string;
}

/** Questions by the name of the table that they are of. */
export const SAMPLES: ReadonlyMap<string, readonly Sample[]> = new Map([
  [
    'seattle_weather',
    [
      {
        title: 'How warm was each kind of day?',
        sql: 'SELECT weather, COUNT(*), AVG(temp_max)\nFROM seattle_weather\nGROUP BY weather\nORDER BY weather',
      },
      {
        title: 'How much rain fell on warm days?',
        sql: 'SELECT SUM(precipitation), COUNT(*)\nFROM seattle_weather\nWHERE temp_max > 20',
      },
      {
        title: 'The windiest days of one winter',
        sql: "SELECT date, wind\nFROM seattle_weather\nWHERE date BETWEEN '2013-12-01' AND '2014-02-28' AND wind > 7\nORDER BY wind DESC, date\nLIMIT 5",
      },
    ],
  ],
]);
