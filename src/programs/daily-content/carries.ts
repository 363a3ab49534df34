import type { Core } from '../../core/index.js';
import type { Lookups } from './plan.js';

/** Asks the configured channels whether they can take a content to an address. */
export function carriedBy({ channels }: Pick<Core, 'channels'>): Lookups['carries'] {
  return (name, to, content) => {
    const channel = channels.get(name);
    return channel?.check(content) === null && channel.address(to).ok;
  };
}
