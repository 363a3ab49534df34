import type { DelayCause } from '../delivery/delay.js';
import type { SlaPolicies } from '../delivery/sla-policy.js';
import type { RunDoc } from '../schedule/run.entity.js';
import type { Runs } from '../schedule/runs.js';
import type { Statistics } from '../stats/statistics.js';
import { lastOf } from './forecast.js';
import type { Outlook } from './outlook.js';

/** When a run's deliveries are expected to have left. Engine ms. */
export interface WaveForecast {
  readonly run: RunDoc;
  readonly planned: number;
  /** Ended, one way or another. */
  readonly done: number;
  /** Null: cannot be told, because nothing moves. */
  readonly finish: number | null;
  /** The last of its deadlines. */
  readonly deadline: number;
  readonly onTime: boolean;
  readonly limitedBy: DelayCause | null;
}

/** The runs that are under way or about to begin, with what is expected of each. */
export async function waveForecasts(
  parts: { readonly runs: Runs; readonly stats: Statistics; readonly policies: SlaPolicies },
  outlook: Outlook,
  now: number,
): Promise<WaveForecast[]> {
  const forecasts: WaveForecast[] = [];
  for (const run of await parts.runs.running()) {
    if (run.window === null) continue;
    const { planned, done, finished, queues } = await parts.stats.progress(run._id);
    if (planned === 0) continue;
    const to = run.window.to.getTime();
    const lateness = Math.max(
      ...queues.map((of) => parts.policies.targetLatenessMs({ ...of, program: run.program })),
    );
    const own = outlook.departures.filter(
      ({ of, dueAt }) =>
        of.program === run.program && dueAt <= to && queues.some(({ queue }) => queue === of.queue),
    );
    const last = lastOf(own);
    const finish = finished ? now : last?.leftAt === null ? null : Math.max(now, last?.leftAt ?? now);
    const deadline = to + lateness;
    forecasts.push({
      run,
      planned,
      done,
      finish,
      deadline,
      onTime: finish !== null && finish <= deadline,
      limitedBy: last?.limitedBy ?? null,
    });
  }
  return forecasts;
}
