import { FigureReader, type FigureSources, type HealthFigures } from './figures.js';
import { HEALTH_CHECKS } from './checks.js';
import type { HealthLimits } from './limits.js';
import type { HealthReason } from './reason.js';

/** Whether Punctual does its work, and if not, why. */
export interface HealthReport {
  /** True when there is no reason. */
  readonly healthy: boolean;
  /** The gravest first. */
  readonly reasons: readonly HealthReason[];
  /** Real time. */
  readonly checkedAt: Date;
}

/** What does not answer within this time, in ms, is away. */
const PATIENCE_MS = 3_000;

/** Looks at the whole of Punctual, from any of its processes (CORE-45). */
export class Health {
  readonly #figures: FigureReader;
  #checking: Promise<HealthReport> | null = null;

  constructor(
    private readonly sources: FigureSources,
    private readonly limits: HealthLimits,
    private readonly onError: (error: unknown) => void,
  ) {
    this.#figures = new FigureReader(sources);
  }

  /**
   * Looks now; a call during a look waits for that one. Rejects only for a fault of ours: that MongoDB is away is a
   * reason.
   */
  check(): Promise<HealthReport> {
    this.#checking ??= this.#check().finally(() => (this.#checking = null));
    return this.#checking;
  }

  /** What the reasons would be for these figures. */
  reasonsOf(figures: HealthFigures): HealthReason[] {
    return HEALTH_CHECKS.flatMap((check) => check(figures, this.limits));
  }

  async #check(): Promise<HealthReport> {
    const reasons = await this.#reasons();
    return { healthy: reasons.length === 0, reasons, checkedAt: new Date(this.sources.clock.realNow()) };
  }

  async #reasons(): Promise<HealthReason[]> {
    try {
      return this.reasonsOf(await inTime(this.#figures.read()));
    } catch (error) {
      // If MongoDB answers now, it was something else.
      const answers = await inTime(this.sources.database.measureClock()).then(
        () => true,
        () => false,
      );
      if (answers && !(error instanceof TooLate)) throw error;
      this.onError(error);
      return [mongodbAway(error)];
    }
  }
}

/** What took too long. */
class TooLate extends Error {
  override readonly name = 'TooLate';
}

function mongodbAway(error: unknown): HealthReason {
  const how =
    error instanceof TooLate ? `has not answered within ${PATIENCE_MS / 1_000} s` : 'does not answer';
  return {
    code: 'MONGODB_AWAY',
    subject: null,
    severity: 'CRITICAL',
    message: `MongoDB ${how}: nothing can be accepted or sent`,
    figures: {},
  };
}

/** @throws TooLate */
async function inTime<T>(answer: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new TooLate()), PATIENCE_MS);
  try {
    return await Promise.race([answer, promise]);
  } finally {
    clearTimeout(timer);
  }
}
