import type { ProgressFieldsFragment } from '#sdk';
import type { ReactNode } from 'react';
import { Nothing, Panel } from '../parts/panel.js';
import { causeName } from '../words/delay-cause.js';
import { durationInWords } from '../words/duration.js';
import { causesOf } from './causes.js';
import './causes.css';

/** Where the wave's milliseconds went, all messages together. */
export function CausesPanel({ progress }: { readonly progress: ProgressFieldsFragment | null }): ReactNode {
  const causes = causesOf(progress?.lost ?? []);
  return (
    <Panel id="causes" title="Where time was lost" aside="all messages of the wave together">
      {causes.length === 0 ? (
        <Nothing>{progress ? 'No message has lost time.' : 'There is no wave to explain.'}</Nothing>
      ) : (
        <ul className="causes">
          {causes.map(({ cause, ms, share }) => (
            <li key={cause}>
              <span className="cause-name">{causeName(cause)}</span>
              <span className="cause-time">{durationInWords(ms)}</span>
              <i className="cause-bar" style={{ inlineSize: `${Math.max(1, share * 100)}%` }} />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
