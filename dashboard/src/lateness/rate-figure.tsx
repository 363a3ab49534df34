import type { SlaFieldsFragment } from '#sdk';
import { type ReactNode, useMemo, useState } from 'react';
import { Plot } from '../parts/plot.js';
import { durationInWords } from '../words/duration.js';
import { timeOfDay } from '../words/instant.js';
import { rateInWords } from '../words/rate.js';
import { ratePlot } from './rate-plot.js';
import { latestOf, type RateColumns } from './series.js';

interface Props {
  readonly columns: RateColumns;
  readonly sla: SlaFieldsFragment | null;
  readonly theme: string;
}

/** How many left in time, against the promise. */
export function RateFigure({ columns, sla, theme }: Props): ReactNode {
  const target = sla?.policy.target ?? 0.99;
  const options = useMemo(() => ratePlot(target), [target]);
  const data = useMemo(
    () => [[...columns.at], [...columns.rolling], [...columns.bucket]] as uPlot.AlignedData,
    [columns],
  );
  const [hovered, setHovered] = useState<number | null>(null);
  const window = sla ? durationInWords(sla.policy.windowMs) : 'rolling';
  return (
    <figure>
      <figcaption>
        <b>On time</b>
        <span className="legend">
          <i className="key-p99" /> last {window} <i className="key-dot" /> each step
        </span>
        <span className="reading">{reading(columns, target, hovered)}</span>
      </figcaption>
      <Plot options={options} data={data} theme={theme} onHover={setHovered} />
    </figure>
  );
}

function reading({ at, rolling, bucket }: RateColumns, target: number, hovered: number | null): string {
  if (hovered !== null) {
    const rate = rolling[hovered] ?? bucket[hovered] ?? null;
    return `${timeOfDay((at[hovered] ?? 0) * 1_000)}: ${rate === null ? 'nothing was judged' : rateInWords(rate, target)}`;
  }
  const column = latestOf(rolling) === null ? bucket : rolling;
  const rate = column[latestOf(column) ?? -1] ?? null;
  return rate === null ? 'Nothing was judged in this time.' : `Now ${rateInWords(rate, target)}`;
}
