import type { PunctualClientError } from './errors.js';

/** Whether events reach this client. */
export type ConnectionState =
  /** No subscription runs, so nothing is connected. */
  | 'idle'
  /** The first connection is being made. */
  | 'connecting'
  /** Every subscription is connected: what happens is told at once. */
  | 'open'
  /** A subscription is cut off, and tried again: what was shown last may be out of date. */
  | 'lost';

/** The connection of a client's subscriptions, to be watched. It is as good as that of the worst of them. */
export interface Connection {
  readonly state: ConnectionState;
  /** Why it is lost; undefined otherwise. */
  readonly error: PunctualClientError | undefined;
  /**
   * Calls with each new state.
   * @returns a function that ends it; React's `useSyncExternalStore(connection.onChange, () => connection.state)`
   * takes it as it is
   */
  readonly onChange: (listener: (state: ConnectionState) => void) => () => void;
}

/** The worst first. */
const ORDER = ['lost', 'connecting', 'open'] as const;

/** One subscription's part in the connection. */
export interface Place {
  open(): void;
  lose(error: PunctualClientError): void;
  leave(): void;
}

interface Standing {
  readonly state: Exclude<ConnectionState, 'idle'>;
  readonly error?: PunctualClientError;
}

/** Keeps the connection's state from those of the subscriptions. */
export class Connections implements Connection {
  readonly #places = new Map<symbol, Standing>();
  readonly #listeners = new Set<(state: ConnectionState) => void>();
  #state: ConnectionState = 'idle';

  get state(): ConnectionState {
    return this.#state;
  }

  get error(): PunctualClientError | undefined {
    return [...this.#places.values()].find(({ error }) => error !== undefined)?.error;
  }

  readonly onChange = (listener: (state: ConnectionState) => void): (() => void) => {
    // One place for each call, so that a listener that is given twice is called twice and leaves one at a time.
    const own = (state: ConnectionState): void => listener(state);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  };

  /** A subscription begins. */
  join(): Place {
    const id = Symbol();
    this.#set(id, { state: 'connecting' });
    return {
      open: () => this.#set(id, { state: 'open' }),
      lose: (error) => this.#set(id, { state: 'lost', error }),
      leave: () => {
        this.#places.delete(id);
        this.#tell();
      },
    };
  }

  #set(id: symbol, standing: Standing): void {
    this.#places.set(id, standing);
    this.#tell();
  }

  #tell(): void {
    const present = new Set([...this.#places.values()].map(({ state }) => state));
    const state = ORDER.find((candidate) => present.has(candidate)) ?? 'idle';
    if (state === this.#state) return;
    this.#state = state;
    // Later, so that what a listener throws is its own, and not a subscription's.
    for (const listener of this.#listeners) queueMicrotask(() => listener(state));
  }
}
