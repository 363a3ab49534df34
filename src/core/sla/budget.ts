import type { Collection } from 'mongodb';
import { EVERYBODY } from '../access/caller.js';
import { type Clock, monotonicMs } from '../clock.js';
import type { Database } from '../database.js';
import { covers, type PolicyDimensions, type SlaPolicy } from '../delivery/sla-policy.js';
import { judgedIn, type RollUp } from '../stats/roll-up.js';
import { floorTo, spansOf } from '../stats/spans.js';
import { Tally, type TallyDoc } from '../stats/tally.entity.js';

/** The error budget's period, engine ms: thirty days, rolling. */
const PERIOD_MS = 30 * 86_400_000;
/** It changes slowly: read anew after so long, in real ms. */
const FRESH_MS = 30_000;

/** How much of what may go wrong has gone wrong. */
export interface BudgetSpent {
  readonly from: number;
  readonly good: number;
  readonly bad: number;
}

interface Judged extends PolicyDimensions {
  readonly good: number;
  readonly bad: number;
}

/** What was judged in the last thirty days, from rolled-up tallies. */
export class Budgets {
  readonly #tallies: Collection<TallyDoc>;
  #read: { readonly at: number; readonly from: number; readonly judged: readonly Judged[] } | null = null;

  constructor(
    database: Database,
    private readonly clock: Clock,
    private readonly rollUp: RollUp,
  ) {
    this.#tallies = database.collection(Tally) as unknown as Collection<TallyDoc>;
  }

  async spent(policy: SlaPolicy): Promise<BudgetSpent> {
    const { from, judged } = await this.#judged();
    const own = judged.filter((part) => covers(policy, part));
    const sum = (field: 'good' | 'bad'): number => own.reduce((total, part) => total + part[field], 0);
    return { from, good: sum('good'), bad: sum('bad') };
  }

  async #judged(): Promise<{ readonly from: number; readonly judged: readonly Judged[] }> {
    if (this.#read && monotonicMs() - this.#read.at < FRESH_MS) return this.#read;
    const to = floorTo(this.clock.now(), 'MINUTE');
    const spans = spansOf({ from: new Date(to - PERIOD_MS), to: new Date(to) }, await this.rollUp.rolledUp());
    const sums = new Map<string, Judged>();
    for (const { kind, from, to } of spans) {
      const within = { kind, owner: EVERYBODY, at: { $gte: new Date(from), $lt: new Date(to) } };
      const projection = { queue: 1, program: 1, tier: 1, sla: 1, slaGood: 1, slaBad: 1 };
      for await (const tally of this.#tallies.find(within, { projection })) add(sums, tally);
    }
    this.#read = { at: monotonicMs(), from: spans[0]?.from ?? to, judged: [...sums.values()] };
    return this.#read;
  }
}

function add(sums: Map<string, Judged>, tally: TallyDoc): void {
  const { queue, program, tier } = tally;
  const key = `${queue}|${program ?? ''}|${tier}`;
  const there = sums.get(key) ?? { queue, program, tier, good: 0, bad: 0 };
  const { good, bad } = judgedIn(tally);
  sums.set(key, { ...there, good: there.good + good, bad: there.bad + bad });
}
