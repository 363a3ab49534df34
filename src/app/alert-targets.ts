import type { Config } from '../config.js';
import { type Channel, type ChannelName, type NoticeTarget, PunctualError } from '../core/index.js';

/**
 * Who is told of alerts, and by what. The channels have the last word on addresses: what the configuration cannot see,
 * as that an address is a private one, ends the start here.
 * @throws CONFIG_INVALID; the URL of a webhook is not in the message
 */
export function alertTargets(
  { alerts }: Config,
  channels: ReadonlyMap<ChannelName, Channel>,
): readonly NoticeTarget[] {
  return [
    ...alerts.emails.map((to) => target('ALERT_EMAIL', 'EMAIL', to, channels)),
    ...alerts.webhooks.map((to) => target('ALERT_WEBHOOK', 'WEBHOOK', to, channels)),
  ];
}

function target(
  variable: string,
  kind: NoticeTarget['kind'],
  raw: string,
  channels: ReadonlyMap<ChannelName, Channel>,
): NoticeTarget {
  const channel = channels.get(kind);
  if (!channel)
    throw new PunctualError('CONFIG_INVALID', `${variable}: the channel ${kind} is not configured`);
  const address = channel.address(raw);
  if (!address.ok)
    throw new PunctualError('CONFIG_INVALID', `${variable}: an address of it ${address.problem}`);
  return { kind, to: address.to };
}
