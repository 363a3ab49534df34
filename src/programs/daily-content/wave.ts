import type { ObjectId } from '@mikro-orm/mongodb';
import type { Collection } from 'mongodb';
import {
  type Caller,
  type Core,
  type ItemResult,
  type NewDelivery,
  ownedBy,
  PunctualError,
  type RunDoc,
  type RunRemark,
  type Tier,
  TIERS,
} from '../../core/index.js';
import { Advisor, type AdvisorDoc } from './advisor.entity.js';
import type { Assignments } from './assignments.js';
import { carriedBy } from './carries.js';
import { planPage, PROGRAM, type WavePlan } from './plan.js';
import { type TierSizes, Wave, type WaveDoc } from './wave.entity.js';
import { waveWindow, type WaveRequest, type WaveTimes, type WaveWindow } from './window.js';

/** The type of a wave's run. */
const RUN_TYPE = 'wave';
/** Advisors that are in memory at once. */
const PAGE = 1_000;
/** Remarks that a report and a run hold. */
const REMARKS = 100;

/** What one planning of a wave did. */
export interface WaveReport {
  readonly wave: WaveDoc;
  readonly run: RunDoc;
  /** Deliveries that this planning made. */
  readonly scheduled: number;
  /** Deliveries that were there already. */
  readonly alreadyPlanned: number;
  readonly skipped: number;
  readonly failed: number;
  /** Who was skipped or failed, and why; the first hundred. */
  readonly remarks: readonly RunRemark[];
}

/** Adds up a planning as its pages come in. */
class Tally {
  scheduled = 0;
  alreadyPlanned = 0;
  skipped = 0;
  failed = 0;
  readonly remarks: RunRemark[] = [];

  add(deliveries: readonly NewDelivery[], results: readonly ItemResult[], skips: readonly RunRemark[]): void {
    this.skipped += skips.length;
    this.#remark(skips);
    for (const [i, result] of results.entries()) {
      if (result.ok && result.created) this.scheduled += 1;
      else if (result.ok) this.alreadyPlanned += 1;
      else {
        this.failed += 1;
        const advisor = deliveries[i]?.metadata?.['advisor'];
        const subject = typeof advisor === 'string' ? advisor : '';
        this.#remark([{ subject, code: result.error.code, message: result.error.message }]);
      }
    }
  }

  #remark(remarks: readonly RunRemark[]): void {
    this.remarks.push(...remarks.slice(0, REMARKS - this.remarks.length));
  }
}

/** The morning's wave: lays it out, plans it, says how it stands (DC-1, DC-2). */
export class Waves {
  readonly #advisors: Collection<AdvisorDoc>;
  readonly #waves: Collection<WaveDoc>;

  constructor(
    private readonly core: Core,
    private readonly assignments: Assignments,
    private readonly times: WaveTimes,
  ) {
    this.#advisors = core.database.collection(Advisor);
    this.#waves = core.database.collection(Wave);
  }

  /**
   * Plans a wave. Planning it again, from anywhere and at any time, adds what is missing and changes nothing else. The
   * core ends the run when its deliveries have ended. One that was cancelled stays so.
   * @throws VALIDATION_ERROR, INVALID_SCHEDULED_TIME, INVALID_OPERATION (its run was cancelled)
   */
  async schedule(owner: string, request: WaveRequest): Promise<WaveReport> {
    const window = waveWindow(request, this.times, this.core.clock.now());
    const { run } = await this.core.runs.begin({
      owner,
      program: PROGRAM,
      type: RUN_TYPE,
      occurrence: window.occurrence,
      window: { from: new Date(window.from), to: new Date(window.to) },
    });
    if (run.status === 'CANCELLED') throw cancelled(window.occurrence);
    const wave = await this.#layOut(owner, window, run._id);
    const tally = await this.#plan(wave);
    const known = new Set(run.remarks.map(remarkKey));
    const news = tally.remarks.filter((remark) => !known.has(remarkKey(remark)));
    const { scheduled, alreadyPlanned, skipped, failed, remarks } = tally;
    const settled = await this.#settle(wave, tally, news);
    return { wave, run: settled ?? run, scheduled, alreadyPlanned, skipped, failed, remarks };
  }

  /** One that the caller may see, or null. */
  find(caller: Caller, id: ObjectId): Promise<WaveDoc | null> {
    return this.#waves.findOne({ _id: id, ...ownedBy(caller) });
  }

  /** The owner's wave of an occurrence; null when it was never planned. */
  ofOccurrence(owner: string, occurrence: string): Promise<WaveDoc | null> {
    return this.#waves.findOne({ owner, occurrence });
  }

  /** The layout of the first planner; who comes second finds it. */
  async #layOut(owner: string, window: WaveWindow, run: ObjectId): Promise<WaveDoc> {
    const { occurrence, date, timezone } = window;
    const found = await this.ofOccurrence(owner, occurrence);
    if (found) return found;
    const laidOut = await this.#waves.findOneAndUpdate(
      { owner, occurrence },
      {
        $setOnInsert: {
          run,
          date,
          timezone,
          from: new Date(window.from),
          to: new Date(window.to),
          expiresAt: new Date(window.expiresAt),
          sizes: await this.#sizes(owner),
          figures: { scheduled: 0, skipped: 0, failed: 0 },
          createdAt: this.core.clock.date(),
        },
      },
      { upsert: true, returnDocument: 'after' },
    );
    if (!laidOut) throw new Error(`the wave ${occurrence} was neither found nor made`);
    return laidOut;
  }

  async #sizes(owner: string): Promise<TierSizes> {
    const count = (tier: Tier): Promise<number> =>
      this.#advisors.countDocuments({ owner, tier, active: true, optedOut: false }, { hint: 'wave' });
    const [PRO, STANDARD, FREE] = await Promise.all([count('PRO'), count('STANDARD'), count('FREE')]);
    return { PRO, STANDARD, FREE };
  }

  async #plan(wave: WaveDoc): Promise<Tally> {
    const tally = new Tally();
    const plan: WavePlan = {
      ...wave,
      from: wave.from.getTime(),
      to: wave.to.getTime(),
      expiresAt: wave.expiresAt.getTime(),
    };
    const contents = await this.assignments.forDate(wave.owner, wave.date);
    const carries = carriedBy(this.core);
    for (const tier of TIERS) {
      let firstIndex = 0;
      for await (const advisors of this.#pages(wave.owner, tier)) {
        if (await this.core.runs.isCancelled(wave.run)) throw cancelled(wave.occurrence);
        const contentFor = await contents.forPage(advisors);
        const page = planPage(plan, { tier, advisors, firstIndex }, { contentFor, carries });
        tally.add(
          page.deliveries,
          await this.core.deliveries.accept(wave.owner, page.deliveries),
          page.skips,
        );
        firstIndex = page.nextIndex;
      }
    }
    return tally;
  }

  /** The advisors of a tier in the order of their ids. No cursor stays open while the pages are worked on. */
  async *#pages(owner: string, tier: Tier): AsyncGenerator<readonly AdvisorDoc[], void, undefined> {
    for (let after: ObjectId | null = null; ;) {
      const page: AdvisorDoc[] = await this.#advisors
        .find({ owner, tier, ...(after ? { _id: { $gt: after } } : {}) })
        .sort({ _id: 1 })
        .limit(PAGE)
        .toArray();
      after = page.at(-1)?._id ?? null;
      if (after === null) return;
      yield page;
      if (page.length < PAGE) return;
    }
  }

  /**
   * Brings the run's figures up to this planning's. The run takes differences; each planner swaps its figures for
   * those of the planner before, atomically, so that the differences add up to the last ones whoever plans when.
   */
  async #settle(wave: WaveDoc, tally: Tally, remarks: readonly RunRemark[]): Promise<RunDoc | null> {
    const scheduled = (await this.core.stats.progress(wave.run)).planned;
    const { skipped, failed } = tally;
    const before = await this.#waves.findOneAndUpdate(
      { _id: wave._id },
      {
        $set: { 'figures.skipped': skipped, 'figures.failed': failed },
        $max: { 'figures.scheduled': scheduled },
      },
      { returnDocument: 'before' },
    );
    if (!before) throw new Error(`the wave ${wave.occurrence} has vanished`);
    const added = {
      scheduled: Math.max(scheduled - before.figures.scheduled, 0),
      skipped: skipped - before.figures.skipped,
      failed: failed - before.figures.failed,
    };
    const isNews = added.scheduled !== 0 || added.skipped !== 0 || added.failed !== 0;
    return isNews ? this.core.runs.report(wave.run, { ...added, remarks }) : null;
  }
}

function cancelled(occurrence: string): PunctualError {
  return new PunctualError('INVALID_OPERATION', `the wave ${occurrence} was cancelled`);
}

function remarkKey(remark: RunRemark): string {
  return `${remark.code}|${remark.subject}`;
}
