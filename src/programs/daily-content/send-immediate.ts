import { type Core, localDate, type DeliveryDoc, type NewDelivery, PunctualError } from '../../core/index.js';
import type { AdvisorDoc } from './advisor.entity.js';
import type { Advisors } from './advisors.js';
import { advisorNotFound } from './assignments.js';
import type { Refusal } from './bulk-upsert.js';
import { carriedBy } from './carries.js';
import type { ContentDoc } from './content.entity.js';
import type { Contents } from './contents.js';
import { messageTo, PROGRAM } from './plan.js';

/** What is sent at once is worth sending for this long, in ms. */
const LIFETIME_MS = 86_400_000;

/** One content to a list of advisors, now. */
export interface ImmediateRequest {
  /** The content's externalId. */
  readonly content: string;
  /** ExternalIds; a repeated one gets one delivery. */
  readonly advisors: readonly string[];
  /** The same key again finds the first deliveries instead of making new ones (CORE-3). */
  readonly idempotencyKey: string | null;
}

/** What became of it; positions are those in the request's list. */
export interface ImmediateReport {
  readonly deliveries: readonly DeliveryDoc[];
  readonly refused: readonly Refusal[];
}

/** Sends content outside the wave (DC-3). */
export class ImmediateSender {
  constructor(
    private readonly core: Core,
    private readonly advisors: Advisors,
    private readonly contents: Contents,
    private readonly timezone: string,
  ) {}

  /** Accepts or refuses each advisor on its own. @throws CONTENT_NOT_FOUND */
  async send(owner: string, request: ImmediateRequest): Promise<ImmediateReport> {
    const content = await this.contents.byExternalId(owner, request.content);
    if (!content)
      throw new PunctualError('CONTENT_NOT_FOUND', 'there is no such content', { path: 'content' });
    const found = await this.advisors.byExternalId(owner, request.advisors);
    const refused: Refusal[] = [];
    const wanted = new Map<string, { index: number; advisor: AdvisorDoc }>();
    for (const [index, externalId] of request.advisors.entries()) {
      const advisor = found.get(externalId);
      const error = advisor ? refusalOf(advisor) : advisorNotFound('advisors');
      if (error) refused.push({ index, error });
      else if (advisor && !wanted.has(externalId)) wanted.set(externalId, { index, advisor });
    }
    const list = [...wanted.values()];
    const items = list.map(({ advisor }) => this.#delivery(advisor, content, request.idempotencyKey));
    const results = await this.core.deliveries.accept(owner, items);
    const deliveries: DeliveryDoc[] = [];
    for (const [i, result] of results.entries()) {
      if (result.ok) deliveries.push(result.delivery);
      else refused.push({ index: list[i]?.index ?? i, error: result.error });
    }
    return { deliveries, refused: refused.sort((a, b) => a.index - b.index) };
  }

  #delivery(advisor: AdvisorDoc, content: ContentDoc, key: string | null): NewDelivery {
    const now = this.core.clock.now();
    return {
      ...messageTo(advisor, content, localDate(now, this.timezone), { carries: carriedBy(this.core) }),
      dueAt: null,
      expiresAt: new Date(now + LIFETIME_MS),
      timezone: advisor.timezone ?? this.timezone,
      priority: 'HIGH',
      // One key of the caller's stands for a list: the advisor makes it the key of one delivery.
      idempotencyKey: key === null ? null : `${PROGRAM}|${key}|${advisor._id.toHexString()}`,
    };
  }
}

function refusalOf(advisor: AdvisorDoc): PunctualError | null {
  const problem = advisor.optedOut ? 'has opted out' : !advisor.active ? 'is not active' : null;
  return problem === null
    ? null
    : new PunctualError('INVALID_OPERATION', `the advisor ${problem}`, { path: 'advisors' });
}
