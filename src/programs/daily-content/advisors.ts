import { ObjectId } from '@mikro-orm/mongodb';
import type { Collection } from 'mongodb';
import { type Caller, checkZone, type Core, ownedBy, type Person, TIERS } from '../../core/index.js';
import { Advisor, type AdvisorDoc } from './advisor.entity.js';
import {
  checkEach,
  type Refusal,
  type Upsert,
  upsertByExternalId,
  type UpsertCounts,
} from './bulk-upsert.js';
import { checkAddress, checkLanguage, checkOneOf, checkWord } from './fields.js';

/** What is known about an advisor. What is omitted stays as it is stored, or gets its default when new. */
export interface AdvisorInput {
  readonly externalId: string;
  readonly name: string;
  readonly phone: string;
  /** STANDARD by default. */
  readonly tier?: string | null;
  /** `en` by default. */
  readonly language?: string | null;
  /** Null takes away what is stored; so with `sms` and `email`. */
  readonly timezone?: string | null;
  readonly sms?: string | null;
  readonly email?: string | null;
  /** True by default. */
  readonly active?: boolean | null;
  /** False by default. */
  readonly optedOut?: boolean | null;
}

const DEFAULTS = {
  tier: 'STANDARD',
  language: 'en',
  timezone: null,
  sms: null,
  email: null,
  active: true,
  optedOut: false,
} as const satisfies Partial<AdvisorDoc>;

/** The advisors of an owner. */
export class Advisors {
  readonly #advisors: Collection<AdvisorDoc>;

  constructor(private readonly core: Pick<Core, 'clock' | 'database' | 'channels'>) {
    this.#advisors = core.database.collection(Advisor);
  }

  /** Checks what is known about one advisor. @throws VALIDATION_ERROR, INVALID_TIMEZONE, with the field as path */
  check(input: AdvisorInput): Upsert<AdvisorDoc> {
    const externalId = checkWord(input.externalId, 'externalId', 64);
    const set: Partial<AdvisorDoc> = {
      name: checkWord(input.name, 'name', 100),
      phone: checkAddress(this.core, 'WHATSAPP', input.phone, 'phone'),
    };
    if (input.tier != null) set.tier = checkOneOf(input.tier, TIERS, 'tier');
    if (input.language != null) set.language = checkLanguage(input.language, 'language');
    if (input.timezone !== undefined)
      set.timezone = input.timezone === null ? null : checkZone(input.timezone.trim());
    if (input.sms !== undefined)
      set.sms = input.sms === null ? null : checkAddress(this.core, 'SMS', input.sms, 'sms');
    if (input.email !== undefined)
      set.email = input.email === null ? null : checkAddress(this.core, 'EMAIL', input.email, 'email');
    if (input.active != null) set.active = input.active;
    if (input.optedOut != null) set.optedOut = input.optedOut;
    return { externalId, set, defaults: { ...DEFAULTS, createdAt: this.core.clock.date() } };
  }

  /** Stores checked advisors in one round trip. */
  store(owner: string, checked: readonly Upsert<AdvisorDoc>[]): Promise<UpsertCounts> {
    return upsertByExternalId(this.#advisors, owner, checked);
  }

  /** Stores each advisor, or refuses it on its own. */
  async upsert(
    owner: string,
    inputs: readonly AdvisorInput[],
  ): Promise<UpsertCounts & { refused: readonly Refusal[] }> {
    const { good, refused } = checkEach(inputs, (input) => this.check(input));
    return { ...(await this.store(owner, good)), refused };
  }

  /** Those of the ids that exist, by id. */
  async byExternalId(owner: string, externalIds: readonly string[]): Promise<Map<string, AdvisorDoc>> {
    const found = await this.#advisors.find({ owner, externalId: { $in: [...externalIds] } }).toArray();
    return new Map(found.map((advisor) => [advisor.externalId, advisor]));
  }

  /**
   * Takes a person out (SEC-7): what is left is an id, and that they want nothing, so that no import brings them back.
   * @param owner null: every owner's
   * @returns the ids under which deliveries know them
   */
  async erase(owner: string | null, { addresses, recipients }: Person): Promise<readonly string[]> {
    const ids = recipients.filter((name) => /^[0-9a-f]{24}$/.test(name)).map((name) => new ObjectId(name));
    const byAddress = { $in: [...addresses] };
    const theirs = [{ phone: byAddress }, { sms: byAddress }, { email: byAddress }, { _id: { $in: ids } }];
    const found = await this.#advisors
      .find({ ...(owner === null ? {} : { owner }), $or: theirs }, { projection: { _id: 1 } })
      .toArray();
    const all = found.map(({ _id }) => _id);
    const erased = { name: '', phone: '', sms: null, email: null, active: false, optedOut: true };
    await this.#advisors.updateMany({ _id: { $in: all } }, { $set: erased });
    return all.map((id) => id.toHexString());
  }

  /** One that the caller may see, or null. */
  find(caller: Caller, id: ObjectId): Promise<AdvisorDoc | null> {
    return this.#advisors.findOne({ _id: id, ...ownedBy(caller) });
  }
}
