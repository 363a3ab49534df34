import { FailureReasonsDocument, type FailureReasonsQuery } from '#sdk';
import { type ReactNode, useEffect, useState } from 'react';
import { usePolled } from '../live/ask.js';
import { Button } from '../parts/button.js';
import { Nothing, Panel, Waiting } from '../parts/panel.js';
import { count, counted } from '../words/count.js';
import { RetryDialog } from './retry-dialog.js';
import './dead-letters.css';

/** How often the reasons are counted anew though no queue told of a failure, in ms. */
const LOOK_MS = 15_000;

type Reason = FailureReasonsQuery['failureReasons'][number];

interface Props {
  /** Failed and dead-lettered in all queues: the reasons are asked for again when it moves. */
  readonly failures: number | null;
}

/** What was given up, by reason, with the way back. */
export function DeadLettersPanel({ failures }: Props): ReactNode {
  const { data, error, again } = usePolled(FailureReasonsDocument, {}, LOOK_MS);
  const [chosen, choose] = useState<Reason | null>(null);
  useEffect(() => again(), [again, failures]);
  const close = (): void => {
    choose(null);
    again();
  };
  const reasons = [...(data?.failureReasons ?? [])].sort((a, b) => b.count - a.count);
  const isPartial = reasons.some(({ partial }) => partial);
  const all = reasons.reduce((sum, { count: number }) => sum + number, 0);
  return (
    <Panel
      id="dead-letters"
      title="Not delivered"
      aside={all > 0 ? (isPartial ? 'at least ' : '') + counted(all, 'message') : undefined}
    >
      {!data && <Waiting error={error}>Counting.</Waiting>}
      {data && reasons.length === 0 && <Nothing>Nothing was given up.</Nothing>}
      {reasons.length > 0 && (
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Reason</th>
              <th scope="col">Messages</th>
              <th scope="col">
                <span className="unseen">What can be done</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {reasons.map((reason) => (
              <tr key={`${reason.code} ${reason.state}`}>
                <th scope="row">
                  {reason.code}
                  <small>{reason.state === 'DEAD_LETTERED' ? 'tries used up' : 'refused for good'}</small>
                  {reason.message !== null && <span className="reason">{reason.message}</span>}
                </th>
                <td>{count(reason.count)}</td>
                <td>
                  <Button
                    look="quiet"
                    icon="again"
                    aria-label={`Retry ${counted(reason.count, 'message')} with ${reason.code}`}
                    onClick={() => choose(reason)}
                  >
                    Retry…
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {chosen && <RetryDialog reason={chosen} onClose={close} />}
    </Panel>
  );
}
