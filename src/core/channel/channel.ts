/**
 * The channel contract: how the engine talks to a provider. `test/support/channel-contract.ts` holds the
 * suite that every adapter passes.
 */

/** The ways to reach people. */
export const CHANNELS = ['WHATSAPP', 'LINE', 'SMS', 'EMAIL', 'VOICE', 'WEBHOOK'] as const;
export type ChannelName = (typeof CHANNELS)[number];

/** What is to be delivered. A channel refuses the kinds that it cannot carry when the delivery is accepted. */
export type Content =
  | { readonly kind: 'TEXT'; readonly text: string }
  | {
      readonly kind: 'TEMPLATE';
      /** The name under which the provider has approved the template. */
      readonly name: string;
      /** The provider's language code, as `en` or `en_US`. */
      readonly language: string;
      /** Header, body and button parameters in the provider's own shape. */
      readonly components: readonly Record<string, unknown>[];
    }
  | { readonly kind: 'JSON'; readonly body: Record<string, unknown> }
  | {
      readonly kind: 'EMAIL';
      /** One line. */
      readonly subject: string;
      /** What is shown where HTML is not. */
      readonly text: string;
      /** When omitted, the mail is text alone. */
      readonly html?: string;
    };

/** One message at the moment of sending. */
export interface OutgoingMessage {
  /** The delivery's id: the stable key of the occurrence, the same in every attempt. */
  readonly key: string;
  /** The address in the channel's own form: E.164 for phones, a URL for webhooks, `ann@example.org` for e-mail. */
  readonly to: string;
  readonly content: Content;
  /** 1 for the first try. */
  readonly attempt: number;
}

/** How a failed attempt is to be taken (CORE-24). */
export type ErrorClass =
  /** Try again later: 5xx, time-outs, connections refused or reset before the request was sent. */
  | 'RETRYABLE'
  /** The provider asks for less: try again later, but it is no sign of a broken provider. */
  | 'THROTTLED'
  /** Trying again cannot help: a bad request, an unknown or blocked recipient. */
  | 'PERMANENT'
  /** Our credentials are refused: the channel stops, the delivery waits. */
  | 'UNAUTHORISED'
  /** The request was sent, and no one can say whether it was accepted: a connection cut or silent in mid-answer. */
  | 'UNKNOWN';

/** What became of one attempt. An adapter never throws for what a provider does: it classifies. */
export type SendResult =
  | { readonly outcome: 'ACCEPTED'; readonly messageId: string | null }
  | {
      readonly outcome: 'REFUSED';
      readonly errorClass: ErrorClass;
      /** The provider's own code, or the HTTP status, or the system's error code, as a string. */
      readonly code: string;
      /** One sentence, without the recipient's address. */
      readonly message: string;
      /** The provider's Retry-After, in ms. */
      readonly retryAfterMs?: number;
    };

/** Limits that a provider sets, shared by all workers (CORE-21). Real time, as seen at the provider. */
export interface ChannelLimits {
  /** In any sliding second; absent: no limit. */
  readonly perSecond?: number;
  /** From midnight to midnight of `zone`; absent: no limit. */
  readonly perDay?: number;
  /** Shortest time between two sends to one recipient, in ms; absent: no limit. */
  readonly perRecipientMs?: number;
  /** The IANA zone in which the provider's day ends. */
  readonly zone: string;
}

/** One way to reach people, over one provider. */
export interface Channel {
  readonly name: ChannelName;
  /** The provider's name, as it stands in attempts and metrics: `whatsapp-cloud`. */
  readonly provider: string;
  readonly limits: ChannelLimits;
  /** True where the provider drops a second request with the same key: an unknown outcome is then retried safely. */
  readonly idempotent: boolean;
  /** What happens to an attempt whose outcome is unknown (CORE-29), where the provider is not idempotent. */
  readonly onUnknownOutcome: 'RETRY' | 'HOLD';
  /**
   * Checks an address and brings it into the channel's form.
   * @returns the address, or what is wrong with it in one clause: `is not a phone number`
   */
  address(
    raw: string,
  ): { readonly ok: true; readonly to: string } | { readonly ok: false; readonly problem: string };
  /** Says what is wrong with the content for this channel, in one clause; null when it can be carried. */
  check(content: Content): string | null;
  /**
   * One attempt. Never throws for what the provider does.
   * @param signal aborted when the attempt's time is up; the result is then UNKNOWN or RETRYABLE
   */
  send(message: OutgoingMessage, signal: AbortSignal): Promise<SendResult>;
  /** Opens connections ahead of a wave; resolves when done. Optional. */
  warmUp?(): Promise<void>;
  /** Closes connections. */
  close(): Promise<void>;
}
