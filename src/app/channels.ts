import { createWebhookChannel } from '../adapters/channels/webhook.js';
import { createWhatsAppChannel } from '../adapters/channels/whatsapp.js';
import type { Config } from '../config.js';
import type { Channel, ChannelName, Clock } from '../core/index.js';

/** The channels that are configured. @param sandboxUrl where providers are that have no base URL of their own */
export function createChannels(
  config: Config,
  clock: Clock,
  sandboxUrl: string,
): ReadonlyMap<ChannelName, Channel> {
  const { whatsapp, webhook } = config;
  const channels: Channel[] = [
    createWhatsAppChannel({
      baseUrl: whatsapp.baseUrl ?? sandboxUrl,
      accessToken: whatsapp.accessToken,
      phoneNumberId: whatsapp.phoneNumberId,
      onUnknownOutcome: whatsapp.onUnknownOutcome,
      limits: {
        perSecond: whatsapp.perSecond,
        perDay: whatsapp.perDay,
        zone: whatsapp.zone,
        ...(whatsapp.perRecipientMs === null ? {} : { perRecipientMs: whatsapp.perRecipientMs }),
      },
    }),
  ];
  if (webhook.secret !== null) {
    channels.push(
      createWebhookChannel({
        // Two while receivers go from one to the next, separated by a blank, the newest first.
        secrets: webhook.secret.split(/\s+/),
        allowPrivate: webhook.allowPrivate,
        realNow: () => clock.realNow(),
      }),
    );
  }
  return new Map(channels.map((channel) => [channel.name, channel]));
}
