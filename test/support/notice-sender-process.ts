import { resolve } from 'node:path';
import { startTypescript, type TypescriptProcess } from './typescript-process.js';

/** A process that sends the notices of a database that are due, once, to be killed in the middle of it. */
export function startNoticeSender(
  at: { readonly uri: string; readonly name: string },
  webhookSecret: string,
): TypescriptProcess {
  const from = (path: string): string => JSON.stringify(resolve('src', path));
  return startTypescript(`
    import { openDatabase } from ${from('adapters/mongo/database.ts')};
    import { createWebhookChannel } from ${from('adapters/channels/webhook.ts')};
    import { NoticeSender } from ${from('core/alerts/notice-sender.ts')};
    import { Notice } from ${from('core/alerts/notice.entity.ts')};
    import { Clock } from ${from('core/clock.ts')};

    const clock = new Clock();
    const database = await openDatabase(${JSON.stringify(at.uri)}, ${JSON.stringify(at.name)}, [Notice]);
    const channel = createWebhookChannel({
      secrets: [${JSON.stringify(webhookSecret)}],
      allowPrivate: true,
      realNow: () => clock.realNow(),
    });
    const channels = new Map([['WEBHOOK', channel]]);
    const sender = new NoticeSender({ database, clock, channels, onRefused: () => undefined });
    await sender.sendDue();
  `);
}
