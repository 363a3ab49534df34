/** The value at or below which a share `q` (0 to 1) lies, between two measured ones by proportion; NaN when there are none. */
export function quantile(ascending: readonly number[], q: number): number {
  const position = (ascending.length - 1) * q;
  const low = ascending[Math.floor(position)] ?? Number.NaN;
  const high = ascending[Math.ceil(position)] ?? Number.NaN;
  return low + (high - low) * (position - Math.floor(position));
}

export function median(values: readonly number[]): number {
  return quantile(ascending(values), 0.5);
}

export function ascending(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b);
}

/** A share (0 to 1) as it is shown. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
