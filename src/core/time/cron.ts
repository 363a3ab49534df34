import { Cron } from 'croner';
import { PunctualError } from '../errors.js';
import { LAST_WALL_MS, type WallTimes } from './wall-times.js';

/** A cron expression of five fields: minute, hour, day of month, month, day of week. */
export interface CronRule {
  readonly kind: 'CRON';
  readonly expression: string;
}

const LONGEST_TEXT = 200;

/** Checks a cron expression. @throws VALIDATION_ERROR */
export function readCron(text: string, path: string): CronRule {
  const expression = text.trim();
  if (expression.length > LONGEST_TEXT) {
    throw new PunctualError('VALIDATION_ERROR', `may have ${LONGEST_TEXT} characters`, { path });
  }
  try {
    createCron(expression);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message.replace(/^CronPattern: /, '') : String(cause);
    throw new PunctualError(
      'VALIDATION_ERROR',
      `${JSON.stringify(expression)} is no cron expression of five fields: ${problem}`,
      { path, cause },
    );
  }
  return { kind: 'CRON', expression };
}

/**
 * The wall times of a cron expression from the anchor on (CORE-12). croner reckons as if the wall were in UTC, where
 * no clock is ever changed: what a gap or an overlap means is for our policy to say, not for croner's.
 */
export function cronTimes({ expression }: CronRule, anchorMs: number): WallTimes {
  const cron = createCron(expression);
  return function* (fromMs) {
    // "Next" is after what it is given.
    let wallMs = Math.max(fromMs, anchorMs) - 1;
    for (;;) {
      const next = cron.nextRun(new Date(wallMs));
      if (!next || next.getTime() > LAST_WALL_MS) return;
      wallMs = next.getTime();
      yield { wallMs, clamped: false };
    }
  };
}

function createCron(expression: string): Cron {
  return new Cron(expression, { mode: '5-part', utcOffset: 0, paused: true });
}
