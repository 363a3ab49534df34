/** What is answered to a provider's request. */
export interface WebhookAnswer {
  readonly status: number;
  /** When omitted, `application/json`. */
  readonly contentType?: string;
  /** When omitted, none. */
  readonly body?: string;
}

/** The headers of a request as Node gives them: names in lower case. */
export type WebhookHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * A way for a provider to tell us what became of messages (CORE-46). The API's edge serves it at `path`, with no
 * authentication of its own and the body unparsed: whoever implements this checks the provider's signature on the
 * raw bytes before it believes any of it (SEC-5).
 */
export interface InboundWebhook {
  /** Below the server's root: `/webhooks/whatsapp`. */
  readonly path: string;
  /** Answers a provider that asks whether the address is ours; when absent, GET is 404. */
  handleGet?(query: URLSearchParams): WebhookAnswer;
  /**
   * Takes reports in. It answers once they are applied, so that a success means they are kept.
   *
   * Rejects when they could not be applied; the edge then answers 500, and the provider sends them again.
   */
  handlePost(rawBody: Buffer, headers: WebhookHeaders): Promise<WebhookAnswer>;
}
