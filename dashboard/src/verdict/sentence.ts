import type { SlaFieldsFragment } from '#sdk';
import { count } from '../words/count.js';
import { durationInWords } from '../words/duration.js';
import { timeOfDay } from '../words/instant.js';
import { rateInWords } from '../words/rate.js';
import type { Verdict, VerdictStatus } from './verdict.js';

/** What stands in large letters, and in the tab. */
export const STATUS_WORDS: Readonly<Record<VerdictStatus, string>> = {
  ON_TIME: 'On time',
  AT_RISK: 'At risk',
  LATE: 'Late',
  QUIET: 'Quiet',
  STALE: 'Stale',
};

/** The sentence beside the status: the rate and what is overdue, in words that are true whatever the figures. */
export function sentenceOf(verdict: Verdict): string {
  if (verdict.status === null) return 'Asking the server how things stand.';
  if (verdict.status === 'STALE') return silence(verdict);
  const { lead } = verdict;
  const name = lead.policy.name === 'default' ? '' : `${lead.policy.name}: `;
  return name + standing(verdict.status, lead);
}

/** What was known last, for when nothing is known now; null: nothing ever was. */
export function lastKnown(lead: SlaFieldsFragment | null): string | null {
  return lead && `${STATUS_WORDS[lead.status]}: ${standing(lead.status, lead)}`;
}

/** The violation that is open, in a sentence; none when none is. */
export function violationOf({ violation, policy }: SlaFieldsFragment): string[] {
  if (!violation) return [];
  const worst = rateInWords(violation.worstRate, policy.target);
  return [`A violation is open since ${timeOfDay(violation.openedAt)}; its worst rate was ${worst}.`];
}

/** What is shown in the browser's tab, where twenty characters are read. */
export function titleOf(verdict: Verdict): string {
  if (verdict.status === null) return 'Punctual';
  const word = STATUS_WORDS[verdict.status].toUpperCase();
  const rate = verdict.lead?.rate;
  if (verdict.status === 'STALE' || verdict.status === 'QUIET' || rate == null) return `${word} · Punctual`;
  return `${word} ${rateInWords(rate, verdict.lead.policy.target)} · Punctual`;
}

/** What a screen reader says of a change; null: not worth an interruption. Figures alone are none. */
export function announcementOf(before: VerdictStatus | null, verdict: Verdict): string | null {
  if (verdict.status === null || verdict.status === before) return null;
  return `${STATUS_WORDS[verdict.status]}. ${sentenceOf(verdict)}`;
}

function standing(status: SlaFieldsFragment['status'], sla: SlaFieldsFragment): string {
  if (status === 'QUIET') return 'Nothing is due, and nothing is overdue.';
  return `${rateOf(sla)}, ${overdueOf(sla, status)}.`;
}

function rateOf({ rate, good, bad, policy }: SlaFieldsFragment): string {
  if (rate === null) return 'None judged yet';
  if (bad > 0) return `${rateInWords(rate, policy.target)} on time`;
  return good === 1 ? 'The only one on time' : `All ${count(good)} on time`;
}

function overdueOf({ overdue }: SlaFieldsFragment, status: SlaFieldsFragment['status']): string {
  if (overdue > 0) return `${count(overdue)} overdue`;
  return status === 'AT_RISK' ? 'nothing overdue yet' : 'nothing overdue';
}

function silence({ cause, silentMs }: Extract<Verdict, { status: 'STALE' }>): string {
  const why =
    cause === 'LINK' ? 'the connection to the server is lost' : 'the server does not say how things stand';
  return `No news for ${durationInWords(Math.floor(silentMs / 1_000) * 1_000)}: ${why}.`;
}
