import { type Client, createClient } from '#sdk';
import { Client as Urql, mapExchange } from '@urql/core';
import { codeOf } from './failure.js';
import { sdkExchange } from './sdk-exchange.js';

/** One key at work: the SDK's client, and urql on top of it. */
export interface Session {
  readonly client: Client;
  readonly urql: Urql;
}

/**
 * Opens nothing yet: the first question does.
 * @param onRefused the server does not take the key, or no longer
 */
export function openSession(apiKey: string, onRefused: () => void): Session {
  const client = createClient({ url: window.location.origin, apiKey });
  const urql = new Urql({
    url: window.location.origin,
    preferGetMethod: false,
    // Nothing is answered from a cache: this page says how things are now.
    requestPolicy: 'network-only',
    exchanges: [
      mapExchange({
        onResult: ({ error }) => {
          if (!error || codeOf(error) !== 'UNAUTHENTICATED') return;
          void client.close();
          onRefused();
        },
      }),
      sdkExchange(client),
    ],
  });
  return { client, urql };
}
