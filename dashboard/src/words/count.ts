const GROUPED = new Intl.NumberFormat('en');

/** 2,000 */
export function count(number: number): string {
  return GROUPED.format(number);
}

/** A count with its noun: `1 message`, `2,000 messages`. @param many `one` with an s when omitted */
export function counted(number: number, one: string, many = `${one}s`): string {
  return `${count(number)} ${number === 1 ? one : many}`;
}
