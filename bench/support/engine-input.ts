/** The file of a worker process. Apart from it, because to import that file is to be one. */
export const ENGINE_PROCESS = new URL('./engine-process.ts', import.meta.url);

/** What one worker process is made of. */
export interface EngineInput {
  readonly uri: string;
  readonly database: string;
  /** After so many deliveries that were sent, by whatever worker, it says `drained`. */
  readonly count: number;
  /** Null: the instant channel, without limits. */
  readonly whatsApp: WhatsAppInput | null;
}

/** The real adapter, against a sandbox, with send tokens from a real Redis. */
export interface WhatsAppInput {
  readonly baseUrl: string;
  readonly redisUrl: string;
  readonly perSecond: number;
}

/** What a worker process says, in this order. */
export type EngineSaid =
  | { readonly kind: 'ready' }
  /** `ms`: from the moment at which the resumed queue woke it to the event of the last delivery that was sent. */
  | { readonly kind: 'drained'; readonly ms: number };
