/** One event of a `text/event-stream`. */
export interface ServerSentEvent {
  /** `message` when the server gave none. */
  readonly event: string;
  readonly data: string;
}

/** Reads the events out of text that comes in pieces, cut anywhere (HTML standard, "server-sent events"). */
export class ServerSentEventParser {
  #rest = '';
  #begun = false;
  #event = '';
  #data: string[] = [];

  /** @returns the events that this piece completes; one that is never completed is never given */
  push(piece: string): ServerSentEvent[] {
    this.#rest += piece;
    if (!this.#begun && this.#rest !== '') {
      this.#begun = true;
      if (this.#rest.startsWith('\uFEFF')) this.#rest = this.#rest.slice(1);
    }
    const events: ServerSentEvent[] = [];
    for (;;) {
      // A carriage return at the very end may be the first half of a line's end.
      const end = /\r\n|\n|\r(?!$)/.exec(this.#rest);
      if (!end) return events;
      const event = this.#line(this.#rest.slice(0, end.index));
      if (event) events.push(event);
      this.#rest = this.#rest.slice(end.index + end[0].length);
    }
  }

  #line(line: string): ServerSentEvent | null {
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    // A comment has an empty name; ids and pauses before reconnecting are not ours: cursors are in the events.
    if (field === 'event') this.#event = value;
    else if (field === 'data') this.#data.push(value);
    return null;
  }

  #dispatch(): ServerSentEvent | null {
    const [event, data] = [this.#event || 'message', this.#data];
    this.#event = '';
    this.#data = [];
    return data.length === 0 ? null : { event, data: data.join('\n') };
  }
}
