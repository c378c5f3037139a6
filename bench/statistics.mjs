/** What becomes of measurements that were taken in turn. */

/** @param {readonly number[]} numbers */
export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const ways = {
  ratio: (our, their) => our / their,
  difference: (our, their) => our - their,
};

/**
 * Compares the two of each pair: the median of their ratios, or differences, and between which values they lie.
 *
 * @param {readonly number[]} ours
 * @param {readonly number[]} theirs as many, each measured right after or before its partner
 * @param {'ratio' | 'difference'} [way]
 */
export function compare(ours, theirs, way = 'ratio') {
  if (ours.length === 0 || ours.length !== theirs.length)
    throw new RangeError(`no pairs: ${ours.length} of ours and ${theirs.length} of theirs`);
  const values = ours.map((our, index) => ways[way](our, theirs[index]));
  return { value: median(values), low: Math.min(...values), high: Math.max(...values) };
}

/**
 * Whether a value is what is wanted; undefined where nothing is.
 *
 * @param {number} value
 * @param {{ atMost?: number, atLeast?: number }} limit
 */
export function holds(value, { atMost, atLeast }) {
  if (atMost === undefined && atLeast === undefined) return undefined;
  return value <= (atMost ?? Number.POSITIVE_INFINITY) && value >= (atLeast ?? Number.NEGATIVE_INFINITY);
}
