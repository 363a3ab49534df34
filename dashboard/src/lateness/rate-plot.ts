import type { Colours, PlotOptions } from '../parts/plot.js';
import { targetInWords } from '../words/rate.js';
import { drawLevel } from './lateness-plot.js';
import { timeAxis } from './time-axis.js';

/** How many came in time, against what is promised: each bucket as a point, the rolling window as a line. */
export function ratePlot(target: number): (colours: Colours) => PlotOptions {
  return (colours) => ({
    legend: { show: false },
    cursor: { y: false, points: { size: 6 } },
    padding: [8, 24, 0, 0],
    scales: { y: { range: (_plot, low) => rangeOf(low, target) } },
    axes: [
      timeAxis(colours),
      {
        stroke: colours.faint,
        font: colours.font,
        grid: { stroke: colours.line, width: 1 },
        ticks: { show: false },
        size: 64,
        values: (_plot, splits) => splits.map((split) => (split > 1 ? '' : targetInWords(split))),
      },
    ],
    series: [
      {},
      { label: 'rolling', stroke: colours.accent, width: 2.5, spanGaps: false, points: { show: false } },
      {
        label: 'each',
        stroke: colours.faint,
        width: 0,
        spanGaps: false,
        points: { show: true, size: 6, fill: colours.faint },
      },
    ],
    hooks: { draw: [(plot) => drawLevel(plot, target, `target ${targetInWords(target)}`, colours)] },
  });
}

/** Up to a little more than all of them, so that a line at 100 % is not cut; down to what there is, or the target. */
function rangeOf(low: number | null, target: number): [number, number] {
  const floor = Math.min(low ?? target, target);
  const room = Math.max(0.002, (1 - floor) * 0.15);
  return [Math.max(0, floor - room), 1 + room * 0.4];
}
