/** Points of one series: times in epoch ms, strictly ascending, and as many values. Only the first `count` entries count. */
export interface Points {
  times: Float64Array;
  values: Float64Array;
  count: number;
}

/** Room for points that grows by itself; `Points` is reused from chunk to chunk. */
export function createPoints(capacity = 1024): Points {
  return { times: new Float64Array(capacity), values: new Float64Array(capacity), count: 0 };
}

/** Makes room for `capacity` points, keeping those that are there. */
export function growPoints(points: Points, capacity: number): void {
  if (capacity <= points.times.length) return;
  const size = Math.max(capacity, points.times.length * 2);
  const times = new Float64Array(size);
  times.set(points.times.subarray(0, points.count));
  const values = new Float64Array(size);
  values.set(points.values.subarray(0, points.count));
  points.times = times;
  points.values = values;
}
