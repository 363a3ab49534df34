import type { SlaFieldsFragment } from '#sdk';
import type { ReactNode } from 'react';
import { Icon, type IconName } from '../parts/icon.js';
import { Problem } from '../parts/panel.js';
import { byWallClock, timeOfDay } from '../words/instant.js';
import { figuresOf } from './figures.js';
import { lastKnown, sentenceOf, STATUS_WORDS, violationOf } from './sentence.js';
import type { SlaNews, Verdict, VerdictStatus } from './verdict.js';
import './verdict.css';

const ICONS: Readonly<Record<VerdictStatus, IconName>> = {
  ON_TIME: 'check',
  AT_RISK: 'warning',
  LATE: 'late',
  QUIET: 'quiet',
  STALE: 'stale',
};

interface Props {
  readonly verdict: Verdict;
  readonly news: SlaNews | null;
  /** Why the SLA is not told; null when it is. */
  readonly problem: string | null;
}

/** The sentence: how things stand, why, and by which figures. */
export function VerdictBanner({ verdict, news, problem }: Props): ReactNode {
  const { status } = verdict;
  const lead = status === null ? null : verdict.lead;
  return (
    <section
      className={`verdict verdict-${(status ?? 'none').toLowerCase().replace('_', '-')}`}
      id="verdict"
      aria-labelledby="verdict-title"
    >
      <div className="verdict-word">
        <Icon name={status === null ? 'wait' : ICONS[status]} />
        <h1 id="verdict-title" tabIndex={-1}>
          {status === null ? 'One moment' : STATUS_WORDS[status]}
        </h1>
      </div>
      <div className="verdict-why">
        <p className="verdict-sentence">{sentenceOf(verdict)}</p>
        <Reasons verdict={verdict} />
        {status === 'STALE' && problem !== null && <Problem>{problem}</Problem>}
      </div>
      <dl className="figures" aria-label="Figures of the SLA">
        {figuresOf(lead).map(({ name, value, note }) => (
          <div key={name} className="figure">
            <dt>{name}</dt>
            <dd>
              {value}
              {note !== null && <small>{note}</small>}
            </dd>
          </div>
        ))}
      </dl>
      {news && news.slas.length > 1 && <Policies slas={news.slas} />}
    </section>
  );
}

function Reasons({ verdict }: { readonly verdict: Verdict }): ReactNode {
  if (verdict.status === null) return null;
  const { status, lead } = verdict;
  if (status === 'STALE') {
    if (!lead) return null;
    return (
      <p className="verdict-last">
        This is how it was at {timeOfDay(lead.evaluatedAt)}. {lastKnown(lead)}
      </p>
    );
  }
  const reasons = [...lead.reasons, ...violationOf(lead)];
  if (reasons.length === 0) return null;
  return (
    <ul className="verdict-reasons">
      {reasons.map((reason) => (
        <li key={reason}>{byWallClock(reason, Date.parse(lead.evaluatedAt))}</li>
      ))}
    </ul>
  );
}

/** Where there are several policies: how each one stands. */
function Policies({ slas }: { readonly slas: readonly SlaFieldsFragment[] }): ReactNode {
  return (
    <ul className="policies" aria-label="Policies">
      {slas.map(({ policy, status }) => (
        <li key={policy.name} className={`policy policy-${status.toLowerCase().replace('_', '-')}`}>
          <Icon name={ICONS[status]} />
          {policy.name}: {STATUS_WORDS[status].toLowerCase()}
        </li>
      ))}
    </ul>
  );
}
