import type { SlaFieldsFragment } from '#sdk';
import { count } from '../words/count.js';
import { durationInWords } from '../words/duration.js';
import { timeOfDay } from '../words/instant.js';
import { rateInWords, targetInWords } from '../words/rate.js';

/** A figure with its name; a dash where there is none. */
export interface Figure {
  readonly name: string;
  readonly value: string;
  /** What it is to be held against; null: nothing. */
  readonly note: string | null;
}

const NONE = '–';

/** The figures behind the sentence, always the same ones in the same places, so that an eye finds them. */
export function figuresOf(sla: SlaFieldsFragment | null): Figure[] {
  const lateness = sla && durationInWords(sla.policy.targetLatenessMs);
  return [
    {
      name: 'On time',
      value: sla?.rate == null ? NONE : rateInWords(sla.rate, sla.policy.target),
      note:
        sla && `last ${durationInWords(sla.policy.windowMs)}; ${targetInWords(sla.policy.target)} promised`,
    },
    {
      name: 'Overdue',
      value: sla ? count(sla.overdue) : NONE,
      note: lateness && `more than ${lateness} late, unsent`,
    },
    {
      name: 'Waiting',
      value: sla ? count(sla.waiting) : NONE,
      note: lateness && `due, not yet ${lateness} late`,
    },
    {
      name: 'Due soon',
      value: sla ? count(sla.dueSoon) : NONE,
      note: lateness && `within the next ${lateness}`,
    },
    { name: 'Error budget', value: budgetLeft(sla), note: burnNote(sla) },
    {
      name: 'Clear by',
      value: sla?.forecast.finish == null ? NONE : timeOfDay(sla.forecast.finish),
      note: 'what is due now and soon',
    },
  ];
}

function budgetLeft(sla: SlaFieldsFragment | null): string {
  const left = sla?.budget.left ?? null;
  if (left === null) return NONE;
  return left < 0 ? 'Overspent' : `${rateInWords(left)} left`;
}

function burnNote(sla: SlaFieldsFragment | null): string | null {
  const burn = sla?.budget.burnShort ?? null;
  if (burn === null) return 'nothing judged yet';
  return burn === 0
    ? 'none is being spent'
    : `being spent ${burn < 10 ? burn.toFixed(1) : Math.round(burn)}× as fast as allowed`;
}
