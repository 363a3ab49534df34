import { postRaw } from './graphql.js';

/** How a request was refused: a GraphQL error's code, or a socket's close code; null when it was not. */
export type Refusal = string | number | null;

/** A way to send the JSON of an operation. */
export interface Transport {
  readonly name: string;
  send(payload: string): Promise<Refusal>;
  close(): void;
}

/** POST, to be answered by JSON. */
export function overHttp(url: string, key: string): Transport {
  return post('HTTP', url, key, '/graphql');
}

/** POST, to be answered by an event stream. */
export function overSse(url: string, key: string): Transport {
  return post('SSE', url, key, '/graphql/stream');
}

function post(name: string, url: string, key: string, path: string): Transport {
  return {
    name,
    send: async (payload) => {
      const { code } = await postRaw(url, payload, { key, path });
      return typeof code === 'string' ? code : null;
    },
    close: () => undefined,
  };
}

/** graphql-transport-ws. One socket serves until it is closed, and another one then takes its place. */
export function overSocket(url: string, key: string): Transport {
  let current: RawSocket | null = null;
  return {
    name: 'WebSocket',
    send: async (payload) => {
      if (!current || current.isClosed) {
        current = new RawSocket(url);
        await current.init(key);
      }
      return current.refusalOf(payload);
    },
    close: () => current?.close(),
  };
}

interface Message {
  readonly type: string;
  readonly id?: string;
  readonly payload?: unknown;
}

/** A socket without a client that would know better. */
export class RawSocket {
  readonly closed: Promise<number>;
  readonly #socket: WebSocket;
  readonly #opened: Promise<void>;
  #waiting: ((message: Message | number) => void)[] = [];
  #ids = 0;

  constructor(url: string) {
    this.#socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    this.#opened = new Promise((resolve) => this.#socket.addEventListener('open', () => resolve()));
    this.#socket.addEventListener('message', ({ data }) => {
      const message = JSON.parse(data as string) as Message;
      for (const tell of this.#waiting.splice(0)) tell(message);
    });
    this.closed = new Promise((resolve) => {
      this.#socket.addEventListener('close', ({ code }) => {
        for (const tell of this.#waiting.splice(0)) tell(code);
        resolve(code);
      });
    });
  }

  get isClosed(): boolean {
    return this.#socket.readyState >= WebSocket.CLOSING;
  }

  /** @returns what the server said to it, or how it closed */
  async init(key: string): Promise<Message | number> {
    await this.#opened;
    return this.ask(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${key}` } }));
  }

  /** Sends text as it is, and waits for what comes next. */
  ask(text: string): Promise<Message | number> {
    const next = new Promise<Message | number>((resolve) => this.#waiting.push(resolve));
    this.#socket.send(text);
    return next;
  }

  /** What the operation with this JSON as its payload is refused with. */
  async refusalOf(payload: string): Promise<Refusal> {
    this.#ids += 1;
    const answer = await this.ask(`{"id":"${this.#ids}","type":"subscribe","payload":${payload}}`);
    if (typeof answer === 'number') return answer;
    if (answer.type !== 'error') return null;
    const [first] = answer.payload as readonly { readonly extensions: { readonly code: string } }[];
    return first?.extensions.code ?? null;
  }

  close(): void {
    this.#socket.close();
  }
}
