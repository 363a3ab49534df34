import { addDays, instantOn, PunctualError } from '../../core/index.js';

/** Checks that a text is a date that exists. @throws VALIDATION_ERROR */
export function checkDate(text: string, path = 'date'): string {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : null;
  if (!at || Number.isNaN(at.getTime()) || !at.toISOString().startsWith(text)) {
    throw new PunctualError(
      'VALIDATION_ERROR',
      `${JSON.stringify(text.slice(0, 32))} is not a date like "2026-11-23"`,
      {
        path,
      },
    );
  }
  return text;
}

/** The instant, in ms, at which a date ends in a zone. */
export function endOfDate(date: string, zone: string): number {
  return instantOn(addDays(date, 1), '00:00', zone);
}
