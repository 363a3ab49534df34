import type { Content } from '../../core/index.js';
import type { AdvisorDoc } from './advisor.entity.js';
import type { ContentDoc } from './content.entity.js';

/**
 * Variables in a content: `{{name}}` in any string of its components or its text. There is no template language
 * behind it: a value is put in once, as it is, and what it holds is not looked at again.
 */

/** What is known about the recipient when a message is made. */
export type Recipient = Pick<AdvisorDoc, 'name' | 'externalId' | 'tier' | 'language'>;

const VARIABLES = {
  name: (advisor) => advisor.name,
  externalId: (advisor) => advisor.externalId,
  tier: (advisor) => advisor.tier,
  language: (advisor) => advisor.language,
  date: (_, date) => date,
} as const satisfies Record<string, (advisor: Recipient, date: string) => string>;

/** The names that a content may use. */
export const VARIABLE_NAMES: readonly string[] = Object.keys(VARIABLES);

const PLACE = /\{\{\s*([^{}]{0,64}?)\s*\}\}/g;

/** What stands in double braces in a content and is no variable. */
export function unknownVariables(content: Pick<ContentDoc, 'components' | 'text'>): string[] {
  const unknown = new Set<string>();
  const note = (text: string): string => {
    for (const [, name = ''] of text.matchAll(PLACE)) if (!Object.hasOwn(VARIABLES, name)) unknown.add(name);
    return text;
  };
  mapStrings(content.components, note);
  note(content.text ?? '');
  return [...unknown];
}

/** The template message for a recipient. */
export function templateFor(
  content: Pick<ContentDoc, 'template' | 'language' | 'components'>,
  advisor: Recipient,
  date: string,
): Content {
  const components = content.components.map((component) => mapRecord(component, fill(advisor, date)));
  return { kind: 'TEMPLATE', name: content.template, language: content.language, components };
}

/** The same in plain words; null where the content has none. */
export function textFor(content: Pick<ContentDoc, 'text'>, advisor: Recipient, date: string): Content | null {
  return content.text === null ? null : { kind: 'TEXT', text: fill(advisor, date)(content.text) };
}

function fill(advisor: Recipient, date: string): (text: string) => string {
  return (text) =>
    text.replace(PLACE, (whole, name: string) =>
      // Stored contents hold known variables only; an unknown one could only come from an older version, and stays.
      isVariable(name) ? VARIABLES[name](advisor, date) : whole,
    );
}

function isVariable(name: string): name is keyof typeof VARIABLES {
  return Object.hasOwn(VARIABLES, name);
}

/** A copy with each string in it replaced; keys stay. */
function mapStrings(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => mapStrings(item, change));
  return isRecord(value) ? mapRecord(value, change) : value;
}

function mapRecord(
  record: Record<string, unknown>,
  change: (text: string) => string,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, mapStrings(value, change)]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
