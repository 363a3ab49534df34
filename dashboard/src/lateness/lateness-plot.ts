import type uPlot from 'uplot';
import type { Colours, PlotOptions } from '../parts/plot.js';
import { durationInWords } from '../words/duration.js';
import { timeAxis } from './time-axis.js';
import { FLOOR_MS } from './series.js';

// uPlot's name for this is an enum that exists in its types only, so that there is nothing to import.
// eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment
const LOGARITHMIC = 3 as uPlot.Scale.Distr;

/** Where a logarithmic axis of time has its lines, in ms: round to a person, not to ten. */
const STEPS_MS = [1, 10, 100, 1_000, 10_000, 60_000, 300_000, 3_600_000, 86_400_000];

/**
 * How late, from a millisecond to days, on one axis: what is usual and what was promised are a thousandfold apart,
 * and both have to be seen.
 * @param targetMs what is promised, drawn as a line
 */
export function latenessPlot(targetMs: number): (colours: Colours) => PlotOptions {
  return (colours) => ({
    legend: { show: false },
    cursor: { y: false, points: { size: 6 } },
    padding: [8, 24, 0, 0],
    scales: { y: { distr: LOGARITHMIC, range: (_plot, low, high) => rangeOf(low, high, targetMs) } },
    axes: [
      timeAxis(colours),
      {
        stroke: colours.faint,
        font: colours.font,
        grid: { stroke: colours.line, width: 1 },
        ticks: { show: false },
        size: 64,
        splits: (_plot, _axis, low, high) => STEPS_MS.filter((step) => step >= low && step <= high),
        filter: (_plot, splits) => splits,
        values: (_plot, splits) => splits.map((split) => durationInWords(split)),
      },
    ],
    series: [
      {},
      line('P99', colours.accent, 2.5),
      line('P95', colours.accent, 1.5),
      { ...line('P50', colours.accent, 1), dash: [3, 3] },
    ],
    bands: [{ series: [1, 3], fill: colours.soft }],
    hooks: { draw: [(plot) => drawLevel(plot, targetMs, `target ${durationInWords(targetMs)}`, colours)] },
  });
}

/** A lone minute between minutes without any has no line, so that every point is drawn as well. */
function line(label: string, stroke: string, width: number): uPlot.Series {
  return { label, stroke, width, spanGaps: false, points: { show: true, size: width * 2 + 2, fill: stroke } };
}

function rangeOf(low: number | null, high: number | null, targetMs: number): [number, number] {
  return [Math.max(FLOOR_MS, Math.min(10, low ?? 10)), Math.max(targetMs, high ?? targetMs) * 2];
}

/** A promise as a broken line across the plot, with its name. */
export function drawLevel(plot: uPlot, value: number, name: string, colours: Colours): void {
  const { ctx, bbox } = plot;
  const y = plot.valToPos(value, 'y', true);
  if (y < bbox.top || y > bbox.top + bbox.height) return;
  ctx.save();
  ctx.strokeStyle = colours.ink;
  ctx.fillStyle = colours.faint;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.font = colours.font.replace(/^\d+/, (size) => String(Number(size) * devicePixelRatio));
  ctx.textAlign = 'left';
  // Below the line where there is no room above it.
  const isHigh = y - bbox.top < 18 * devicePixelRatio;
  ctx.textBaseline = isHigh ? 'top' : 'bottom';
  ctx.fillText(name, bbox.left + 6 * devicePixelRatio, y + (isHigh ? 4 : -3) * devicePixelRatio);
  ctx.restore();
}
