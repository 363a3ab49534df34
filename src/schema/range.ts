import { PunctualError } from '../core/index.js';

/** Checks a number of things: 1 to `most`. @throws VALIDATION_ERROR */
export function checkRange(value: number, most: number, path: string): void {
  if (value < 1 || value > most) {
    throw new PunctualError('VALIDATION_ERROR', `${path}: 1 to ${most} are allowed, not ${value}`, { path });
  }
}
