/** Ratios of what was measured in turn. */

export function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The median of the ratios of each pair, and between which values they lie. */
export function compare(ours, theirs) {
  const ratios = ours.map((value, index) => value / theirs[index]);
  return { ratio: median(ratios), low: Math.min(...ratios), high: Math.max(...ratios) };
}

/** Whether a ratio is `{ atMost }` or `{ atLeast }` what is wanted. */
export function holds(ratio, { atMost = Infinity, atLeast = 0 }) {
  return ratio <= atMost && ratio >= atLeast;
}
