import { createEmailChannel } from '../adapters/channels/email.js';
import { createWebhookChannel } from '../adapters/channels/webhook.js';
import { createWhatsAppChannel } from '../adapters/channels/whatsapp.js';
import type { Config } from '../config.js';
import type { Channel, ChannelLimits, ChannelName, Clock } from '../core/index.js';

/** Where providers are that have no address of their own. */
export interface SandboxUrls {
  readonly http: string;
  readonly smtp: string;
}

/** The channels that are configured. */
export function createChannels(
  config: Config,
  clock: Clock,
  sandbox: SandboxUrls,
): ReadonlyMap<ChannelName, Channel> {
  const { whatsapp, email, webhook } = config;
  const channels: Channel[] = [
    createWhatsAppChannel({
      baseUrl: whatsapp.baseUrl ?? sandbox.http,
      accessToken: whatsapp.accessToken,
      phoneNumberId: whatsapp.phoneNumberId,
      onUnknownOutcome: whatsapp.onUnknownOutcome,
      limits: limitsOf(whatsapp),
    }),
    createEmailChannel({
      url: email.smtpUrl ?? sandbox.smtp,
      from: email.from,
      connections: email.connections,
      limits: limitsOf(email),
    }),
  ];
  if (webhook.secrets.length > 0) {
    channels.push(
      createWebhookChannel({
        secrets: webhook.secrets,
        allowPrivate: webhook.allowPrivate,
        realNow: () => clock.realNow(),
      }),
    );
  }
  return new Map(channels.map((channel) => [channel.name, channel]));
}

/** A limit that is null there is none here. */
function limitsOf(configured: {
  readonly perSecond: number | null;
  readonly perDay: number | null;
  readonly perRecipientMs: number | null;
  readonly zone: string;
}): ChannelLimits {
  const { perSecond, perDay, perRecipientMs, zone } = configured;
  return {
    zone,
    ...(perSecond === null ? {} : { perSecond }),
    ...(perDay === null ? {} : { perDay }),
    ...(perRecipientMs === null ? {} : { perRecipientMs }),
  };
}
