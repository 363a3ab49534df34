import { PunctualError } from '../core/errors.js';
import type { LedgerLine } from './demo-report.js';

/** What the demo breaks on purpose: 5 % outages and 2 % throttling. */
export const FAULTS = { errorRate: 0.05, errorStatus: 503, throttleRate: 0.02 } as const;

/** The sandbox's own interface, over HTTP as anybody would use it. */
export class SandboxClient {
  constructor(readonly url: string) {}

  /** How many requests it has had: the ledger is read from there on. */
  async arrived(): Promise<number> {
    const health: unknown = await this.#json('GET', 'health');
    return isRecord(health) && typeof health['arrived'] === 'number' ? health['arrived'] : 0;
  }

  /** The requests to WhatsApp after a line of the ledger, in order of arrival. */
  async ledger(after: number): Promise<LedgerLine[]> {
    const response = await this.#fetch('GET', `ledger?channel=whatsapp&after=${after}`);
    const text = await response.text();
    // Its lines are ours to define (spec/outside.md), so they are taken at their word.
    return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as LedgerLine]));
  }

  /** Sets what is named and returns how to set it back. */
  async disturb(changes: Readonly<Record<string, number>>): Promise<() => Promise<void>> {
    const before: unknown = await this.#json('GET', 'behaviour/whatsapp');
    await this.#json('PUT', 'behaviour/whatsapp', changes);
    const former = Object.fromEntries(
      Object.entries(isRecord(before) ? before : {}).filter(([name]) => name in changes),
    );
    return async () => {
      await this.#json('PUT', 'behaviour/whatsapp', former);
    };
  }

  async #json(method: string, path: string, body?: object): Promise<unknown> {
    return (await this.#fetch(method, path, body)).json();
  }

  async #fetch(method: string, path: string, body?: object): Promise<Response> {
    const url = `${this.url}/_sandbox/${path}`;
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(30_000) }).catch(
      (cause: unknown) => {
        throw new PunctualError(
          'UNAVAILABLE',
          `the sandbox does not answer at ${this.url}; SANDBOX_PORT says where it is`,
          {
            cause,
          },
        );
      },
    );
    if (!response.ok)
      throw new PunctualError('UNAVAILABLE', `the sandbox answered ${response.status} to ${method} ${url}`);
    return response;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
