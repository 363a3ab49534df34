import type { ProgressFieldsFragment } from '#sdk';
import type { ReactNode } from 'react';
import { Nothing, Panel } from '../parts/panel.js';
import { count } from '../words/count.js';
import { rateInWords } from '../words/rate.js';
import './tiers.css';

/** The wave by tier: PRO goes first, and this is where it shows. */
export function TiersPanel({ progress }: { readonly progress: ProgressFieldsFragment | null }): ReactNode {
  return (
    <Panel id="tiers" title="Tiers" aside="of the wave">
      {progress ? <Tiers tiers={progress.byTier} /> : <Nothing>There is no wave to divide.</Nothing>}
    </Panel>
  );
}

function Tiers({ tiers }: { readonly tiers: ProgressFieldsFragment['byTier'] }): ReactNode {
  return (
    <table className="table">
      <thead>
        <tr>
          <th scope="col">Tier</th>
          <th scope="col">Planned</th>
          <th scope="col">Sent</th>
          <th scope="col">Failed</th>
          <th scope="col">On time</th>
        </tr>
      </thead>
      <tbody>
        {tiers.map(({ tier, planned, sent, failed, onTimeRate }) => (
          <tr key={tier}>
            <th scope="row">
              {tier}
              <i className="tier-bar" aria-hidden="true">
                <i style={{ inlineSize: `${planned > 0 ? (sent / planned) * 100 : 0}%` }} />
              </i>
            </th>
            <td>{count(planned)}</td>
            <td>{count(sent)}</td>
            <td className={failed > 0 ? 'bad' : undefined}>{count(failed)}</td>
            <td>{onTimeRate === null ? '–' : rateInWords(onTimeRate)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
