import { Gauge, type Registry } from '@prometheus-io/client';
import { type Core, SLA_STATUSES } from '../../core/index.js';

/** How each policy stands (CORE-40): the figures of `sla`, of the same look. */
export class SlaMetrics {
  readonly #status;
  readonly #figures;

  constructor(
    registry: Registry,
    private readonly core: Core,
  ) {
    const gauge = <const L extends string>(name: string, help: string, ...labelNames: L[]): Gauge<L> =>
      new Gauge({ name: `punctual_sla_${name}`, help, labelNames, registers: [registry] });
    this.#status = gauge('status', 'How a policy stands: 1 at the word for it.', 'policy', 'status');
    this.#figures = {
      target: gauge('target', 'The share that is to be accepted in time.', 'policy'),
      rate: gauge(
        'rate',
        'The share that was, in the rolling window; none when nothing was judged.',
        'policy',
      ),
      good: gauge('good', 'Judged in the window: accepted in time.', 'policy'),
      bad: gauge('bad', 'Judged in the window: not accepted in time.', 'policy'),
      overdue: gauge('overdue', 'Past their deadline and still open.', 'policy'),
      waiting: gauge('waiting', 'Due and open, their deadline to come.', 'policy'),
      misses: gauge('expected_misses', 'Expected to miss their deadline.', 'policy'),
      budgetLeft: gauge(
        'budget_left',
        'The part of the error budget that is left; below 0: overspent.',
        'policy',
      ),
    };
  }

  async collect(): Promise<void> {
    const { standings } = await this.core.sla.report();
    const { target, rate, good, bad, overdue, waiting, misses, budgetLeft } = this.#figures;
    for (const metric of [this.#status, ...Object.values(this.#figures)]) metric.reset();
    for (const standing of standings) {
      const policy = standing.policy.name;
      for (const status of SLA_STATUSES)
        this.#status.set({ policy, status }, standing.status === status ? 1 : 0);
      target.set({ policy }, standing.policy.target);
      if (standing.rate !== null) rate.set({ policy }, standing.rate);
      good.set({ policy }, standing.good);
      bad.set({ policy }, standing.bad);
      overdue.set({ policy }, standing.overdue);
      waiting.set({ policy }, standing.waiting);
      misses.set({ policy }, standing.expectedMisses);
      if (standing.budget.left !== null) budgetLeft.set({ policy }, standing.budget.left);
    }
  }
}
