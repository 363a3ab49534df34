import type { ObjectId } from '@mikro-orm/mongodb';
import type { Collection } from 'mongodb';
import { type Caller, type Core, ownedBy } from '../../core/index.js';
import {
  checkEach,
  type Refusal,
  type Upsert,
  upsertByExternalId,
  type UpsertCounts,
} from './bulk-upsert.js';
import { checkComponents } from './components.js';
import { type ContentDoc, DailyContent } from './content.entity.js';
import { checkLanguage, checkText, checkWord, invalid } from './fields.js';
import { templateFor, unknownVariables, VARIABLE_NAMES } from './message.js';

/** A content. All of it is set; `text` stays as it is stored when omitted. */
export interface ContentInput {
  readonly externalId: string;
  readonly template: string;
  readonly language: string;
  readonly components: unknown;
  /** Null takes away what is stored. */
  readonly text?: string | null;
}

/** Longest text: seven SMS, and more than a notification shows. */
const LONGEST_TEXT = 1_000;

/** Someone to try a content on. */
const SAMPLE = { name: 'Asha Rao', externalId: 'adv-0001', tier: 'STANDARD', language: 'en' } as const;

/** The contents of an owner. */
export class Contents {
  readonly #contents: Collection<ContentDoc>;

  constructor(private readonly core: Pick<Core, 'clock' | 'database' | 'channels'>) {
    this.#contents = core.database.collection(DailyContent);
  }

  /** Checks one content. @throws VALIDATION_ERROR with the field as path */
  check(input: ContentInput): Upsert<ContentDoc> {
    const externalId = checkWord(input.externalId, 'externalId', 64);
    const set = {
      template: checkTemplate(input.template),
      language: checkLanguage(input.language, 'language'),
      components: checkComponents(input.components),
      ...(input.text === undefined
        ? {}
        : { text: input.text === null ? null : checkText(input.text, 'text', LONGEST_TEXT) }),
    };
    const defaults = { text: null, createdAt: this.core.clock.date() };
    checkVariables('components', { components: set.components, text: null });
    checkVariables('text', { components: [], text: set.text ?? null });
    const sample = templateFor(set, SAMPLE, '2026-11-23');
    const problem = this.core.channels.get('WHATSAPP')?.check(sample) ?? null;
    if (problem !== null) throw invalid('components', problem);
    return { externalId, set, defaults };
  }

  /** Stores checked contents in one round trip. */
  store(owner: string, checked: readonly Upsert<ContentDoc>[]): Promise<UpsertCounts> {
    return upsertByExternalId(this.#contents, owner, checked);
  }

  /** Stores each content, or refuses it on its own. */
  async upsert(
    owner: string,
    inputs: readonly ContentInput[],
  ): Promise<UpsertCounts & { refused: readonly Refusal[] }> {
    const { good, refused } = checkEach(inputs, (input) => this.check(input));
    return { ...(await this.store(owner, good)), refused };
  }

  /** One by the owner's own id for it. */
  byExternalId(owner: string, externalId: string): Promise<ContentDoc | null> {
    return this.#contents.findOne({ owner, externalId });
  }

  /** One that the caller may see, or null. */
  find(caller: Caller, id: ObjectId): Promise<ContentDoc | null> {
    return this.#contents.findOne({ _id: id, ...ownedBy(caller) });
  }

  /** Those of the ids that exist. */
  byId(owner: string, ids: readonly ObjectId[]): Promise<ContentDoc[]> {
    return this.#contents.find({ owner, _id: { $in: [...ids] } }).toArray();
  }
}

function checkTemplate(value: string): string {
  const template = value.trim();
  if (!/^[a-z0-9_]{1,512}$/.test(template)) {
    throw invalid('template', 'is not a template name of lower-case letters, digits and underscores');
  }
  return template;
}

function checkVariables(path: string, parts: Pick<ContentDoc, 'components' | 'text'>): void {
  const [unknown] = unknownVariables(parts);
  if (unknown === undefined) return;
  throw invalid(path, `holds {{${unknown}}}, which is no variable; there are ${VARIABLE_NAMES.join(', ')}`);
}
