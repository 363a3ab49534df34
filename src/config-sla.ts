import { BadValue, duration, oneOf, type Reader, share, text } from './config-readers.js';
import { type Tier, TIERS } from './core/delivery/rank.js';

/** Service levels beside the one over everything, as they are written in JSON. */
export const slaPolicies: Reader<readonly PolicyText[]> = {
  expects:
    'a JSON list of objects with a name, any of queue, program and tier, and any of target, targetLateness, window, warningBelow and criticalBelow, as [{"name":"pro","tier":"PRO","target":0.995,"targetLateness":"2m"}]',
  read: (value) => {
    let list: unknown;
    try {
      list = JSON.parse(value);
    } catch (error) {
      throw new BadValue('is not JSON', { cause: error });
    }
    if (!Array.isArray(list)) throw new BadValue('is not a list');
    const policies = list.map((item, i) => policy(item, `policy ${i}`));
    const names = policies.map(({ name }) => name);
    if (new Set(['default', ...names]).size <= names.length)
      throw new BadValue('has a name twice, or "default"');
    return policies;
  },
};

/** A policy with what was given of it. Times in ms. */
export interface PolicyText {
  readonly name: string;
  readonly queue?: string;
  readonly program?: string;
  readonly tier?: Tier;
  readonly target?: number;
  readonly targetLateness?: number;
  readonly window?: number;
  readonly warningBelow?: number;
  readonly criticalBelow?: number;
}

const POLICY_FIELDS: Readonly<Record<string, Reader<unknown>>> = {
  name: text,
  queue: text,
  program: text,
  tier: oneOf(...TIERS),
  target: share,
  targetLateness: duration(1, 86_400_000),
  window: duration(1_000, 3_600_000),
  warningBelow: share,
  criticalBelow: share,
};

function policy(item: unknown, what: string): PolicyText {
  if (typeof item !== 'object' || item === null) throw new BadValue(`has a ${what} that is no object`);
  const read: Record<string, unknown> = {};
  for (const [field, given] of Object.entries(item)) {
    const reader = POLICY_FIELDS[field];
    if (!reader)
      throw new BadValue(`has a ${what} with an unknown field ${JSON.stringify(field.slice(0, 32))}`);
    if (typeof given !== 'string' && typeof given !== 'number')
      throw new BadValue(`has a ${what} whose ${field} is neither text nor a number`);
    try {
      read[field] = reader.read(String(given));
    } catch (error) {
      if (!(error instanceof BadValue)) throw error;
      throw new BadValue(`has a ${what} whose ${field} ${error.message}`, { cause: error });
    }
  }
  if (typeof read['name'] !== 'string' || read['name'] === '')
    throw new BadValue(`has a ${what} without a name`);
  return read as unknown as PolicyText;
}
