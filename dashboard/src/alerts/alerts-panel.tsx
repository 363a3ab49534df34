import { type AlertFieldsFragment, AlertChangesDocument } from '#sdk';
import type { ReactNode } from 'react';
import { useLive } from '../live/ask.js';
import { Nothing, Panel, Waiting } from '../parts/panel.js';
import { counted } from '../words/count.js';
import { AlertCard } from './alert-card.js';
import { afterEvent } from './open-alerts.js';
import './alerts.css';

/** What needs a person. */
export function AlertsPanel({ now }: { readonly now: number }): ReactNode {
  const { known: alerts, error } = useLive(
    AlertChangesDocument,
    {},
    (known: readonly AlertFieldsFragment[] | null, { alerts: event }) => afterEvent(known ?? [], event),
  );
  const open = alerts?.filter(({ state }) => state === 'OPEN').length ?? 0;
  return (
    <Panel
      id="alerts"
      title="Alerts"
      aside={alerts && (open > 0 ? `${counted(open, 'needs', 'need')} a person` : null)}
    >
      {!alerts && <Waiting error={error}>Asking for alerts.</Waiting>}
      {alerts?.length === 0 && <Nothing>Nothing needs you.</Nothing>}
      {alerts && alerts.length > 0 && (
        <ul className="alerts">
          {alerts.map((alert) => (
            <AlertCard key={alert.id} alert={alert} now={now} />
          ))}
        </ul>
      )}
    </Panel>
  );
}
