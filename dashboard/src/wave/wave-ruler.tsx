import type { WaveForecastFieldsFragment } from '#sdk';
import type { ReactNode } from 'react';
import { timeOfDay } from '../words/instant.js';
import { beginningOf, rulerOf } from './wave.js';

interface Props {
  readonly wave: WaveForecastFieldsFragment;
  readonly now: number;
}

/** The wave's time under its bar: how much of it has passed, when it will be over, and when it has to be. */
export function WaveRuler({ wave, now }: Props): ReactNode {
  const { now: here, finish, deadline } = rulerOf(wave, now);
  const late = wave.onTime ? '' : ' wave-late';
  return (
    <div className={`wave-time${late}`}>
      <div className="wave-ruler" aria-hidden="true">
        <i className="wave-passed" style={{ inlineSize: `${here * 100}%` }} />
        <i className="wave-deadline" style={{ insetInlineStart: `${deadline * 100}%` }} />
        {finish !== null && <i className="wave-finish" style={{ insetInlineStart: `${finish * 100}%` }} />}
      </div>
      <dl className="wave-instants">
        <div>
          <dt>{beginningOf(wave) > now ? 'Begins' : 'Began'}</dt>
          <dd>{timeOfDay(beginningOf(wave))}</dd>
        </div>
        <div>
          <dt>
            <i className="key-finish" /> Expected finish
          </dt>
          <dd>{wave.finish === null ? 'unknown' : timeOfDay(wave.finish)}</dd>
        </div>
        <div>
          <dt>
            <i className="key-deadline" /> Deadline
          </dt>
          <dd>{timeOfDay(wave.deadline)}</dd>
        </div>
      </dl>
    </div>
  );
}
