import type { ObjectId } from '@mikro-orm/mongodb';
import type { Collection } from 'mongodb';
import { type Core, localDate, PunctualError } from '../../core/index.js';
import type { AdvisorDoc } from './advisor.entity.js';
import type { Advisors } from './advisors.js';
import { type AssignmentDoc, ContentAssignment } from './assignment.entity.js';
import type { Refusal } from './bulk-upsert.js';
import type { ContentDoc } from './content.entity.js';
import type { Contents } from './contents.js';
import { checkDate } from './local-day.js';

/** Contents that are remembered while a wave is planned. */
const REMEMBERED = 1_000;

/** Which content goes to whom on which date. */
export class Assignments {
  readonly #assignments: Collection<AssignmentDoc>;

  constructor(
    private readonly core: Pick<Core, 'clock' | 'database'>,
    private readonly advisors: Advisors,
    private readonly contents: Contents,
    private readonly timezone: string,
  ) {
    this.#assignments = core.database.collection(ContentAssignment);
  }

  /**
   * Assigns a content for a date: to advisors, or (null) to everyone who has nothing of their own that day. Assigning
   * again replaces; deliveries that are planned already keep what they have.
   * @throws VALIDATION_ERROR, INVALID_SCHEDULED_TIME, CONTENT_NOT_FOUND
   */
  async assign(
    owner: string,
    assignment: {
      readonly date: string;
      readonly content: string;
      readonly advisors: readonly string[] | null;
    },
  ): Promise<{ content: ContentDoc; assigned: number; refused: readonly Refusal[] }> {
    const date = checkDate(assignment.date);
    const today = localDate(this.core.clock.now(), this.timezone);
    if (date < today) {
      throw new PunctualError(
        'INVALID_SCHEDULED_TIME',
        `${date} is over; it is ${today} in ${this.timezone}`,
        {
          path: 'date',
        },
      );
    }
    const content = await this.contents.byExternalId(owner, assignment.content);
    if (!content)
      throw new PunctualError('CONTENT_NOT_FOUND', 'there is no such content', { path: 'content' });
    if (assignment.advisors === null) {
      await this.#store(owner, date, content._id, [null]);
      return { content, assigned: 1, refused: [] };
    }
    const found = await this.advisors.byExternalId(owner, assignment.advisors);
    const refused = assignment.advisors.flatMap((externalId, index) =>
      found.has(externalId) ? [] : [{ index, error: advisorNotFound('advisors') }],
    );
    const ids = [...found.values()].map((advisor) => advisor._id);
    await this.#store(owner, date, content._id, ids);
    return { content, assigned: ids.length, refused };
  }

  /** What a wave's advisors get, page by page. */
  async forDate(owner: string, date: string): Promise<DayContents> {
    const fallback = await this.#assignments.findOne({ owner, date, advisor: null });
    const [byDefault] = fallback ? await this.contents.byId(owner, [fallback.content]) : [];
    return new DayContents(this.#assignments, this.contents, owner, date, byDefault ?? null);
  }

  async #store(
    owner: string,
    date: string,
    content: ObjectId,
    advisors: readonly (ObjectId | null)[],
  ): Promise<void> {
    if (advisors.length === 0) return;
    const createdAt = this.core.clock.date();
    await this.#assignments.bulkWrite(
      advisors.map((advisor) => ({
        updateOne: {
          filter: { owner, date, advisor },
          update: { $set: { content }, $setOnInsert: { createdAt } },
          upsert: true,
        },
      })),
      { ordered: false },
    );
  }
}

/** The contents of one date, looked up for a page of advisors at a time, so that memory stays flat. */
export class DayContents {
  readonly #known = new Map<string, ContentDoc>();

  constructor(
    private readonly assignments: Collection<AssignmentDoc>,
    private readonly contents: Contents,
    private readonly owner: string,
    private readonly date: string,
    private readonly byDefault: ContentDoc | null,
  ) {}

  /** @returns what an advisor of the page gets; null where there is neither an assignment nor a default */
  async forPage(advisors: readonly AdvisorDoc[]): Promise<(advisor: AdvisorDoc) => ContentDoc | null> {
    const ids = advisors.map((advisor) => advisor._id);
    const assigned = await this.assignments
      .find({ owner: this.owner, date: this.date, advisor: { $in: ids } })
      .toArray();
    const contents = await this.#load(assigned.map((assignment) => assignment.content));
    const own = new Map(
      assigned.map((a) => [a.advisor?.toHexString(), contents.get(a.content.toHexString())]),
    );
    return (advisor) => own.get(advisor._id.toHexString()) ?? this.byDefault;
  }

  async #load(ids: readonly ObjectId[]): Promise<ReadonlyMap<string, ContentDoc>> {
    if (this.#known.size > REMEMBERED) this.#known.clear();
    const wanted = new Map(ids.map((id) => [id.toHexString(), id]));
    for (const known of this.#known.keys()) wanted.delete(known);
    if (wanted.size > 0) {
      for (const content of await this.contents.byId(this.owner, [...wanted.values()])) {
        this.#known.set(content._id.toHexString(), content);
      }
    }
    return this.#known;
  }
}

/** The one answer for an advisor that does not exist and for one that belongs to somebody else. */
export function advisorNotFound(path: string): PunctualError {
  return new PunctualError('ADVISOR_NOT_FOUND', 'there is no such advisor', { path });
}
