import type { ErrorClass, SendResult } from '../../core/channel/channel.js';

/** A refused attempt, as the engine takes it. */
export type Refusal = Extract<SendResult, { outcome: 'REFUSED' }>;

/** Builds a refusal; `retryAfterMs` is left out when the provider gave none. */
export function refusal(
  errorClass: ErrorClass,
  code: string,
  message: string,
  retryAfterMs?: number,
): Refusal {
  const base = { outcome: 'REFUSED', errorClass, code, message } as const;
  return retryAfterMs === undefined ? base : { ...base, retryAfterMs };
}

/**
 * Takes e-mail addresses and phone numbers out of a provider's sentence and bounds its length, so that it may go into
 * logs (SEC-7). A number is every run of seven and more digits, with what people put between them: error codes are
 * shorter and stay.
 */
export function withoutAddresses(text: string): string {
  return text
    .slice(0, 2000)
    .replace(/[^\s<>()[\]"',;:]{1,64}@[^\s<>()[\]"',;:]+/g, '***')
    .replace(/\+?\d(?:[\s().-]{0,2}\d){6,}/g, '***')
    .slice(0, 300);
}
