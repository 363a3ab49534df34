import type { ProgressFieldsFragment } from '#sdk';
import type { ReactNode } from 'react';
import { count } from '../words/count.js';
import { type Segment, segmentsOf } from './wave.js';

/** How far it is: one bar that is always whole, and the same in figures. */
export function WaveBar({ progress }: { readonly progress: ProgressFieldsFragment }): ReactNode {
  const segments = segmentsOf(progress);
  const { done, planned } = progress;
  return (
    <>
      <p className="wave-done">
        <strong>{count(done)}</strong> of {count(planned)} done
      </p>
      <div
        className="wave-bar"
        role="progressbar"
        aria-label="Wave"
        aria-valuemin={0}
        aria-valuemax={planned}
        aria-valuenow={done}
        aria-valuetext={segments.filter(isThere).map(words).join(', ')}
      >
        {segments.map(({ place, share }) => (
          <i key={place} className={`wave-${place.toLowerCase()}`} style={{ flexGrow: share }} />
        ))}
      </div>
      <ul className="wave-legend" aria-hidden="true">
        {segments
          .filter((segment) => segment.place !== 'CANCELLED' || isThere(segment))
          .map((segment) => (
            <li key={segment.place} className={isThere(segment) ? undefined : 'is-zero'}>
              <i className={`wave-${segment.place.toLowerCase()}`} />
              <b>{count(segment.count)}</b> {segment.name}
            </li>
          ))}
      </ul>
    </>
  );
}

function isThere(segment: Segment): boolean {
  return segment.count > 0;
}

function words({ name, count: number }: Segment): string {
  return `${count(number)} ${name}`;
}
