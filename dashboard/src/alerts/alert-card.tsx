import { AcknowledgeAlertDocument, type AlertFieldsFragment, ResolveAlertDocument } from '#sdk';
import type { ReactNode } from 'react';
import { useAction } from '../live/act.js';
import { Button } from '../parts/button.js';
import { Problem } from '../parts/panel.js';
import { byWallClock, dayAndTime, relative } from '../words/instant.js';

interface Props {
  readonly alert: AlertFieldsFragment;
  /** Server's time, ms since 1970. */
  readonly now: number;
}

/** One condition that needs a person, with what can be done about it here. */
export function AlertCard({ alert, now }: Props): ReactNode {
  const { id, severity, state, source, message, openedAt, acknowledgedAt, acknowledgedBy } = alert;
  const acknowledge = useAction(AcknowledgeAlertDocument);
  const resolve = useAction(ResolveAlertDocument);
  const problem = acknowledge.problem ?? resolve.problem;
  return (
    <li className={`alert alert-${severity.toLowerCase()} alert-${state.toLowerCase()}`}>
      <p className="alert-head">
        <strong>{severity.toLowerCase()}</strong> {source},{' '}
        <time dateTime={openedAt}>{relative(openedAt, now)}</time>
      </p>
      <p className="alert-message">{byWallClock(message, now)}</p>
      {acknowledgedAt !== null && (
        <p className="alert-note">
          Seen by {acknowledgedBy ?? 'somebody'} at {dayAndTime(acknowledgedAt, now)}.
        </p>
      )}
      <div className="alert-buttons">
        {state === 'OPEN' && (
          <Button
            icon="check"
            busy={acknowledge.busy}
            aria-label={`Acknowledge: ${message}`}
            onClick={() => void acknowledge.run({ input: { id } })}
          >
            Acknowledge
          </Button>
        )}
        <Button
          look="quiet"
          busy={resolve.busy}
          aria-label={`Resolve: ${message}`}
          onClick={() => void resolve.run({ input: { id } })}
        >
          Resolve
        </Button>
      </div>
      {problem !== null && <Problem>{problem}</Problem>}
    </li>
  );
}
