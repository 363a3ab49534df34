import PostalMime from 'postal-mime';

/** A mail that the sandbox has accepted, as it came. */
export interface AcceptedMail {
  /** Of its line in the ledger. */
  readonly seq: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly from: string;
  readonly to: string;
  /** Its `Message-ID`; null where it has none. */
  readonly key: string | null;
  /** Under which the server said that it queued it. */
  readonly messageId: string;
  readonly raw: Buffer;
}

/** The newest so many are kept, and of those what fits into so many bytes. */
const MAILS_KEPT = 1_000;
const BYTES_KEPT = 16 * 1024 * 1024;

/** The mails that were accepted last, to be read by people and tests. They are taken apart only when somebody reads them. */
export class SandboxMailbox {
  #mails: AcceptedMail[] = [];
  #bytes = 0;

  keep(mail: AcceptedMail): void {
    this.#mails.push(mail);
    this.#bytes += mail.raw.length;
    while (this.#mails.length > MAILS_KEPT || this.#bytes > BYTES_KEPT) {
      this.#bytes -= this.#mails.shift()?.raw.length ?? 0;
    }
  }

  clear(): void {
    this.#mails = [];
    this.#bytes = 0;
  }

  /** The mails after the line `after` of the ledger, oldest first, as NDJSON: one piece for each. */
  async *read(after: number): AsyncGenerator<string> {
    for (const { raw, ...mail } of this.#mails.filter(({ seq }) => seq > after)) {
      const { subject = '', text = '', html = null } = await PostalMime.parse(raw);
      yield `${JSON.stringify({ ...mail, subject, text, html })}\n`;
    }
  }
}
