import { createHmac } from 'node:crypto';
import { PunctualError } from '../../core/errors.js';

const PREFIX = 'whsec_';

/** Secrets that sign at the same time while a receiver goes from one to the next. */
const LIVE_SECRETS = 2;

/**
 * Reads the secrets of Standard Webhooks: `whsec_` and 24 to 64 bytes in base64. Two of them are for a rotation.
 * @throws PunctualError CONFIG_INVALID; a secret itself is not in the message
 */
export function readWebhookSecrets(secrets: readonly string[]): readonly Buffer[] {
  if (secrets.length < 1 || secrets.length > LIVE_SECRETS) {
    throw new PunctualError(
      'CONFIG_INVALID',
      `a webhook has one live secret, or ${LIVE_SECRETS} during a rotation`,
    );
  }
  return secrets.map((secret) => {
    const text = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : '';
    const key = Buffer.from(text, 'base64');
    const isBase64 = key.toString('base64').replace(/=+$/, '') === text.replace(/=+$/, '');
    if (isBase64 && key.length >= 24 && key.length <= 64) return key;
    throw new PunctualError('CONFIG_INVALID', 'a webhook secret is whsec_ and 24 to 64 bytes in base64');
  });
}

/** The value of `webhook-signature`: a signature for each secret, so that either of them verifies it. */
export function signWebhook(
  secrets: readonly Buffer[],
  id: string,
  timestampSeconds: number,
  body: string,
): string {
  const content = `${id}.${timestampSeconds}.${body}`;
  return secrets.map((key) => `v1,${createHmac('sha256', key).update(content).digest('base64')}`).join(' ');
}
