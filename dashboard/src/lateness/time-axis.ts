import type uPlot from 'uplot';
import type { Colours } from '../parts/plot.js';
import { shortTime } from '../words/instant.js';

/** The watcher's wall clock along the bottom. */
export function timeAxis(colours: Colours): uPlot.Axis {
  return {
    stroke: colours.faint,
    font: colours.font,
    grid: { show: false },
    ticks: { stroke: colours.line, width: 1, size: 4 },
    size: 30,
    gap: 6,
    space: 72,
    values: (_plot, splits) => splits.map((seconds) => shortTime(seconds * 1_000)),
  };
}
