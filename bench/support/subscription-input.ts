/** The file of the process that has the sockets. Apart from it, because to import that file is to be one. */
export const SUBSCRIBERS = new URL('./subscribers.ts', import.meta.url);
/** The file of the process that makes the events. */
export const EVENT_SOURCE = new URL('./event-source.ts', import.meta.url);

/** What the subscribers are told. */
export interface SubscribersInput {
  readonly url: string;
  readonly keys: readonly string[];
  readonly sockets: number;
  readonly query: string;
  readonly seconds: number;
}

/** What they say: `open` once all of them have their snapshot; after go, what they got in the time that counts. */
export type SubscribersSaid =
  | { readonly kind: 'open'; readonly pid: number }
  | {
      readonly kind: 'measured';
      /** Events that came over the sockets that read. */
      readonly received: number;
      /** From the event's instant to its arrival, in ms: a sample. */
      readonly latencies: readonly number[];
      /** Sockets that read and were closed nevertheless. */
      readonly closed: number;
    }
  /** What the one that did not read found when it read again at the end. */
  | { readonly kind: 'slow'; readonly received: number; readonly told: string };

/** What the event source is told. */
export interface SourceInput {
  readonly uri: string;
  readonly database: string;
  readonly perSecond: number;
}

/** What it says each second, once it has begun: how many events it has made by then. */
export interface SourceSaid {
  readonly made: number;
}
