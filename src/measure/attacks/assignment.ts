/**
 * The linear assignment problem: each row gets a column of its own so that the costs add up to the least.
 * Shortest augmenting paths with dual prices, the exact part of Jonker–Volgenant (Computing 38, 1987) in the
 * rectangular form of Crouse (IEEE TAES 52, 2016, §II): O(rows² · columns).
 *
 * @param cost row by row, finite
 * @returns the column of each row; −1 for those that are left where there are more rows than columns
 */
export function assign(cost: Float64Array, rows: number, columns: number): Int32Array {
  if (rows <= columns) return assignRows(cost, rows, columns);
  const turned = new Float64Array(cost.length);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) turned[c * rows + r] = cost[r * columns + c]!;
  }
  const columnOf = new Int32Array(rows).fill(-1);
  assignRows(turned, columns, rows).forEach((row, column) => {
    columnOf[row] = column;
  });
  return columnOf;
}

function assignRows(cost: Float64Array, rows: number, columns: number): Int32Array {
  const rowPrice = new Float64Array(rows);
  const columnPrice = new Float64Array(columns);
  const columnOf = new Int32Array(rows).fill(-1);
  const rowOf = new Int32Array(columns).fill(-1);
  const distance = new Float64Array(columns);
  const cameFrom = new Int32Array(columns);
  const open = new Int32Array(columns);
  const doneColumns = new Int32Array(columns);
  for (let start = 0; start < rows; start++) {
    distance.fill(Infinity);
    for (let c = 0; c < columns; c++) open[c] = c;
    let left = columns;
    let done = 0;
    let row = start;
    let reached = 0;
    let sink = -1;
    // Dijkstra over reduced costs, until a column without a row is reached.
    while (sink < 0) {
      let nearest = 0;
      let least = Infinity;
      const base = reached - rowPrice[row]!;
      for (let i = 0; i < left; i++) {
        const column = open[i]!;
        const through = cost[row * columns + column]! - columnPrice[column]! + base;
        if (through < distance[column]!) {
          distance[column] = through;
          cameFrom[column] = row;
        }
        // Of columns equally near, a free one ends the search.
        const near = distance[column]!;
        if (near < least || (near === least && rowOf[column]! < 0)) {
          least = near;
          nearest = i;
        }
      }
      const column = open[nearest]!;
      reached = least;
      open[nearest] = open[--left]!;
      doneColumns[done++] = column;
      if (rowOf[column]! < 0) sink = column;
      else row = rowOf[column]!;
    }
    rowPrice[start]! += reached;
    for (let i = 0; i < done; i++) {
      const column = doneColumns[i]!;
      const slack = reached - distance[column]!;
      columnPrice[column]! -= slack;
      if (rowOf[column]! >= 0) rowPrice[rowOf[column]!]! += slack;
    }
    for (let column = sink; ;) {
      const from = cameFrom[column]!;
      const next = columnOf[from]!;
      rowOf[column] = from;
      columnOf[from] = column;
      if (from === start) break;
      column = next;
    }
  }
  return columnOf;
}
