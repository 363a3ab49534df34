const MB = 1024 * 1024;
const UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
] as const;

/** `12,345` */
export function count(n: number): string {
  return n.toLocaleString('en-US');
}

/** A share as `5.3 %`. */
export function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}

/** `512 MB` */
export function megabytes(bytes: number): string {
  return `${count(Math.round(bytes / MB))} MB`;
}

/** A length of time in its two largest units: `2 h 5 min`; below a second `0 s`. */
export function span(ms: number): string {
  const first = UNITS.findIndex(([size]) => ms >= size);
  if (first < 0) return '0 s';
  let left = ms;
  const parts = UNITS.slice(first, first + 2).map(([size, unit]) => {
    const n = Math.floor(left / size);
    left -= n * size;
    return { n, unit };
  });
  return parts
    .filter(({ n }, place) => place === 0 || n > 0)
    .map(({ n, unit }) => `${n} ${unit}`)
    .join(' ');
}
