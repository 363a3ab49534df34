import type { ProgressFieldsFragment, RunFieldsFragment, WaveForecastFieldsFragment } from '#sdk';
import type { ReactNode } from 'react';
import { Nothing, Panel } from '../parts/panel.js';
import { dayAndTime } from '../words/instant.js';
import { rateInWords } from '../words/rate.js';
import type { ShownRun } from './shown-run.js';
import { finishSentence } from './wave.js';
import { WaveBar } from './wave-bar.js';
import { WaveRuler } from './wave-ruler.js';
import './wave.css';

interface Props {
  readonly shown: ShownRun;
  /** Server's time, ms since 1970. */
  readonly now: number;
}

/** The wave that leaves now, or the one that left last. */
export function WavePanel({ shown, now }: Props): ReactNode {
  const { run, progress, forecast, others, loading } = shown;
  return (
    <Panel
      id="wave"
      title={forecast || !run ? 'The wave' : 'The last wave'}
      aside={run && <Name run={run} now={now} />}
    >
      <div className="wave">
        {!run && <Nothing>{loading ? 'Asking for the last wave.' : 'No wave has been planned yet.'}</Nothing>}
        {progress && <WaveBar progress={progress} />}
        {forecast && <WaveRuler wave={forecast} now={now} />}
        {run && <p className="wave-sentence">{waveSentence(forecast, progress, now)}</p>}
        {others.length > 0 && <Others waves={others} now={now} />}
      </div>
    </Panel>
  );
}

function waveSentence(
  forecast: WaveForecastFieldsFragment | null,
  progress: ProgressFieldsFragment | null,
  now: number,
): ReactNode {
  if (forecast && !forecast.onTime) return <strong>{finishSentence(forecast, now)}</strong>;
  if (forecast) return finishSentence(forecast, now);
  const rate = progress?.onTimeRate;
  return rate == null ? 'Nothing of it has come to its end.' : `${rateInWords(rate)} of it left in time.`;
}

function Name({ run, now }: { readonly run: RunFieldsFragment; readonly now: number }): ReactNode {
  return `${run.program}, ${dayAndTime(run.window?.from ?? run.startedAt, now)}`;
}

/** Waves that leave at the same time: a line each. */
function Others({
  waves,
  now,
}: {
  readonly waves: readonly WaveForecastFieldsFragment[];
  readonly now: number;
}): ReactNode {
  return (
    <ul className="wave-others" aria-label="Other waves">
      {waves.map((wave) => (
        <li key={wave.run.id} className={wave.onTime ? undefined : 'wave-late'}>
          <Name run={wave.run} now={now} />: {wave.done} of {wave.planned} done. {finishSentence(wave, now)}
        </li>
      ))}
    </ul>
  );
}
