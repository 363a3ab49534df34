import { type ReactNode, useMemo, useState } from 'react';
import { Plot } from '../parts/plot.js';
import { durationInWords } from '../words/duration.js';
import { shortTime } from '../words/instant.js';
import { latenessPlot } from './lateness-plot.js';
import { type LatenessColumns, latestOf } from './series.js';

interface Props {
  readonly columns: LatenessColumns;
  /** Null until it is known. */
  readonly targetMs: number | null;
  readonly theme: string;
}

/** How late messages left, minute by minute. */
export function LatenessFigure({ columns, targetMs, theme }: Props): ReactNode {
  const options = useMemo(() => latenessPlot(targetMs ?? 300_000), [targetMs]);
  const data = useMemo(
    () => [[...columns.at], [...columns.p99], [...columns.p95], [...columns.p50]] as uPlot.AlignedData,
    [columns],
  );
  const [hovered, setHovered] = useState<number | null>(null);
  return (
    <figure>
      <figcaption>
        <b>Acceptance by the provider after the due instant</b>
        <span className="legend">
          <i className="key-p99" /> P99 <i className="key-p95" /> P95 <i className="key-p50" /> P50
        </span>
        <span className="reading">{reading(columns, hovered)}</span>
      </figcaption>
      <Plot options={options} data={data} theme={theme} onHover={setHovered} />
    </figure>
  );
}

/**
 * The figures under the pointer in words, else the newest: what a screen reader has instead of the plot, and a glance
 * instead of a look.
 */
function reading(columns: LatenessColumns, hovered: number | null): string {
  const at = hovered ?? latestOf(columns.p99);
  if (at === null) return 'Nothing was sent in this time.';
  if (columns.p99[at] == null) return `${shortTime((columns.at[at] ?? 0) * 1_000)}: nothing was sent`;
  const words = (column: readonly (number | null)[]): string => durationInWords(column[at] ?? 0);
  return `${shortTime((columns.at[at] ?? 0) * 1_000)}: P50 ${words(columns.p50)}, P95 ${words(columns.p95)}, P99 ${words(columns.p99)}`;
}
