import type { ReactNode } from 'react';
import type { Heard } from '../live/ask.js';
import { Panel, Waiting } from '../parts/panel.js';
import { count } from '../words/count.js';
import type { LiveQueue } from './live-queue.js';
import { QueueSwitch } from './queue-switch.js';

/** The lanes: what is in each, and whether it moves. */
export function QueuesPanel({ known: queues, error }: Heard<readonly LiveQueue[]>): ReactNode {
  return (
    <Panel id="queues" title="Queues">
      {queues ? <Queues queues={queues} /> : <Waiting error={error}>Asking for the queues.</Waiting>}
    </Panel>
  );
}

function Queues({ queues }: { readonly queues: readonly LiveQueue[] }): ReactNode {
  return (
    <table className="table">
      <thead>
        <tr>
          <th scope="col">Queue</th>
          <th scope="col">Waiting</th>
          <th scope="col">Under way</th>
          <th scope="col">Retrying</th>
          <th scope="col">Later</th>
          <th scope="col">
            <span className="unseen">What can be done</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {queues.map((queue) => (
          <tr key={queue.name}>
            <th scope="row">
              {queue.name}
              {queue.paused && <span className="pill pill-warn">paused</span>}
            </th>
            <td>{count(queue.counts.queued)}</td>
            <td>
              {count(queue.counts.sending)} <small>of {count(queue.maxInFlight)}</small>
            </td>
            <td>{count(queue.counts.retrying)}</td>
            <td>{count(queue.counts.scheduled)}</td>
            <td>
              <QueueSwitch queue={queue} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
