import type { DeliveryDoc } from './delivery.entity.js';
import type { Tier } from './rank.js';

/** What is promised for some deliveries (CORE-40). */
export interface SlaPolicy {
  readonly name: string;
  /** Whose promise it is: of what meets all that is given; of everything where nothing is. */
  readonly queue?: string;
  readonly program?: string;
  readonly tier?: Tier;
  /** The share that is to be accepted in time, above 0 and below 1. */
  readonly target: number;
  /** How late is still in time; engine ms. */
  readonly targetLatenessMs: number;
  /** The rolling window over which the share is taken; engine ms, whole seconds. */
  readonly windowMs: number;
  /** Below this share a violation is a warning, below the other it is critical. */
  readonly warningBelow: number;
  readonly criticalBelow: number;
}

/** What tells a delivery's policies. */
export type PolicyDimensions = Pick<DeliveryDoc, 'queue' | 'program' | 'tier'>;

/** True when a policy is about a delivery. */
export function covers(policy: SlaPolicy, of: PolicyDimensions): boolean {
  return (
    (policy.queue === undefined || policy.queue === of.queue) &&
    (policy.program === undefined || policy.program === of.program) &&
    (policy.tier === undefined || policy.tier === of.tier)
  );
}

/** The same as part of a query of MongoDB. */
export function coveredBy({ queue, program, tier }: SlaPolicy): Partial<PolicyDimensions> {
  return {
    ...(queue === undefined ? {} : { queue }),
    ...(program === undefined ? {} : { program }),
    ...(tier === undefined ? {} : { tier }),
  };
}

/**
 * The policies, the one over everything first. A delivery has one deadline, by the policy that says most about it: the
 * same for every policy that counts it, so that no two of them disagree about whether it was in time.
 */
export class SlaPolicies {
  readonly all: readonly [SlaPolicy, ...SlaPolicy[]];
  readonly #bySpecificity: readonly SlaPolicy[];

  /** @param others further ones, each about a queue, a program or a tier; of two that say as much, the first counts */
  constructor(whole: Omit<SlaPolicy, 'queue' | 'program' | 'tier'>, others: readonly SlaPolicy[] = []) {
    this.all = [whole, ...others];
    this.#bySpecificity = [...this.all].sort((a, b) => specificity(b) - specificity(a));
  }

  /** How late a delivery may be, in engine ms. */
  targetLatenessMs(of: PolicyDimensions): number {
    const first = this.#bySpecificity.find((policy) => covers(policy, of));
    return (first ?? this.all[0]).targetLatenessMs;
  }

  /** The instant from which on a delivery that is due at `dueAt` counts as bad if it has not been accepted. */
  deadline(dueAt: Date, of: PolicyDimensions): Date {
    return new Date(dueAt.getTime() + this.targetLatenessMs(of));
  }
}

function specificity({ queue, program, tier }: SlaPolicy): number {
  return [queue, program, tier].filter((part) => part !== undefined).length;
}
