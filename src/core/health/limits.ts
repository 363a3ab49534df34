/** From where on something is a reason not to be healthy (CORE-45). All of them are configuration. */
export interface HealthLimits {
  /** Deliveries due and waiting. */
  readonly pending: number;
  /** Deliveries that fail, are dead-lettered or expire in an hour. */
  readonly failedPerHour: number;
  /** How long nothing may be processed while something is due; engine ms. */
  readonly idleMs: number;
  /** Share of the attempts of an hour that may fail. */
  readonly errorRate: number;
  /** With fewer attempts than this, the share is not looked at. */
  readonly errorRateSample: number;
  /** How long a run may go on; engine ms. One whose window is longer has its window. */
  readonly runLimitMs: number;
  /** Share of that limit after which a run is said to be long. */
  readonly runShare: number;
  /** How long a worker may be silent; real ms. */
  readonly workerSilentMs: number;
  /** Share of a process's memory limit that it may use. */
  readonly memoryShare: number;
  /** The limit of this process, in MB; null: what its container allows, else 1 GB. */
  readonly memoryLimitMb: number | null;
}
