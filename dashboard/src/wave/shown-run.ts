import {
  type ProgressFieldsFragment,
  type RunFieldsFragment,
  RunProgressDocument,
  type RunProgressSubscription,
  RunsDocument,
  type WaveForecastFieldsFragment,
} from '#sdk';
import { useLive, usePolled } from '../live/ask.js';

/** How often it is looked for a wave that ended while nobody told of it, in ms. */
const LOOK_MS = 10_000;
/** Runs looked through for the last one that is a wave. */
const LOOKED_AT = 20;

/** The run that the page shows: a wave under way before one that has left. */
export interface ShownRun {
  readonly run: RunFieldsFragment | null;
  readonly progress: ProgressFieldsFragment | null;
  /** Null when it has left. */
  readonly forecast: WaveForecastFieldsFragment | null;
  /** Waves under way besides it. */
  readonly others: readonly WaveForecastFieldsFragment[];
  /** True until it is known whether there is one. */
  readonly loading: boolean;
}

/** @param waves those under way, as `slaUpdated` tells them; null before its first event */
export function useShownRun(waves: readonly WaveForecastFieldsFragment[] | null): ShownRun {
  const [forecast = null, ...others] = waves ?? [];
  const { data: runs } = usePolled(RunsDocument, { first: LOOKED_AT }, LOOK_MS);
  // What a wave is, a run tells by its window: cleanups and checks have none.
  const last = runs?.runs.nodes.find(({ window }) => window !== null) ?? null;
  const run = forecast?.run ?? last;
  const { known } = useLive(
    RunProgressDocument,
    { run: run?.id ?? '' },
    (_before: RunProgressSubscription['runProgress'] | null, { runProgress }) => runProgress,
    run === null,
  );
  // Of the run before, until this one's snapshot has come.
  const progress = known?.run.id === run?.id ? (known?.progress ?? null) : null;
  return { run, progress, forecast, others, loading: !runs };
}
