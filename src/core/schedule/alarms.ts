import type { Clock } from '../clock.js';

/** Sets a wake-up at a real instant. The same name twice is one wake-up. Agenda does it (adapters/agenda). */
export type SetAlarm = (alarm: {
  readonly kind: 'ring' | 'job';
  readonly name: string;
  readonly at: Date;
}) => Promise<void>;

/** Deliveries whose instants fall into the same slice of real time share an alarm. */
const SLICE_MS = 1_000;

/**
 * Real ms by which an alarm rings before its slice begins. It covers Agenda's polling, the ring and the claim, so that
 * every delivery is in a worker's hands before its instant.
 */
const LEAD_MS = 1_000;

/** What is due within this many real ms is QUEUED at once: an alarm for it might come too late. */
const SOON_MS = LEAD_MS + SLICE_MS;

/** Alarms that this process has set lately; setting one again would cost a round trip and change nothing. */
const REMEMBERED = 10_000;

/**
 * One alarm stands for all deliveries of a queue that are due within the same second, because Agenda claims one job
 * for each round trip. An alarm only wakes: who takes what is decided by the claim.
 */
export class Alarms {
  readonly #set = new Set<string>();

  constructor(
    private readonly clock: Clock,
    private readonly setAlarm: SetAlarm,
  ) {}

  /** True when a delivery ready at this engine instant (ms) is to be QUEUED at once. */
  isSoon(readyAtMs: number): boolean {
    return this.clock.delayUntil(readyAtMs) <= SOON_MS;
  }

  /** The engine instant, in ms, up to which (exclusive) a ring at this moment is to queue deliveries. */
  horizon(): number {
    return this.clock.toEngine(this.clock.realNow() + SOON_MS);
  }

  /** Sets the alarms for instants (engine ms) of a queue; past and near ones ring at the next poll. */
  async setFor(queue: string, readyAts: Iterable<number>): Promise<void> {
    const wanted = new Map<string, Date>();
    for (const readyAt of readyAts) {
      const slice = Math.floor(this.clock.toReal(readyAt) / SLICE_MS) * SLICE_MS;
      const name = `${queue}@${slice}`;
      const at = slice - LEAD_MS;
      // One that was set for an instant that has come has rung, and does not ring again: it is set anew.
      if (at <= this.clock.realNow() || !this.#set.has(name)) wanted.set(name, new Date(at));
    }
    await Promise.all([...wanted].map(([name, at]) => this.setAlarm({ kind: 'ring', name, at })));
    for (const name of wanted.keys()) this.#remember(name);
  }

  /** Sets the alarm for a job at an engine instant (ms); a past one rings at the next poll. */
  setJob(name: string, at: number): Promise<void> {
    return this.setAlarm(jobAlarm(name, at, this.clock));
  }

  #remember(name: string): void {
    this.#set.add(name);
    if (this.#set.size <= REMEMBERED) return;
    for (const oldest of this.#set) {
      this.#set.delete(oldest);
      return;
    }
  }
}

/** The alarm for a job at an engine instant (ms). */
export function jobAlarm(name: string, at: number, clock: Clock): Parameters<SetAlarm>[0] {
  return { kind: 'job', name: `${name}@${at}`, at: new Date(clock.toReal(at)) };
}

/** The queue that a ring alarm of this name is for. */
export function queueOfAlarm(name: string): string {
  return name.slice(0, name.lastIndexOf('@'));
}

/** The real instant, in ms, at which an alarm of this name is to ring. */
export function instantOfAlarm(kind: 'ring' | 'job', name: string, clock: Clock): number {
  const instant = Number(name.slice(name.lastIndexOf('@') + 1));
  return kind === 'ring' ? instant - LEAD_MS : clock.toReal(instant);
}
