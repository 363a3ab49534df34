const GAP = '\u202f';
/** Fractions such as 0.29 * 100 end in ...99996: what is this near to a step is on it. */
const NEARLY = 1e-9;

/**
 * A share as a percentage that never flatters: cut off, not rounded, so that 99.97 % is not shown as 100 %, and what
 * is below the target looks so.
 * @param rate 0 to 1
 * @param target it is told with as many digits as this one has, and at least one
 */
export function rateInWords(rate: number, target = 1): string {
  const percent = rate * 100;
  if (percent >= 100) return `100${GAP}%`;
  const digits = Math.max(1, digitsOf(target * 100));
  const smallest = 10 ** -digits;
  if (percent > 0 && percent < smallest - NEARLY) return `<${GAP}${smallest}${GAP}%`;
  return `${(Math.floor(percent / smallest + NEARLY) * smallest).toFixed(digits)}${GAP}%`;
}

/** A share of which nobody was promised anything, without needless digits: 99 %, 99.5 %. */
export function targetInWords(target: number): string {
  const percent = target * 100;
  return `${percent.toFixed(digitsOf(percent))}${GAP}%`;
}

/** Digits after the point that a percentage needs, three at most. */
function digitsOf(percent: number): number {
  for (let digits = 0; digits < 3; digits += 1) {
    const steps = percent * 10 ** digits;
    if (Math.abs(steps - Math.round(steps)) < NEARLY * 100) return digits;
  }
  return 3;
}
