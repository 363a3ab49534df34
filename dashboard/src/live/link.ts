import type { Client, ConnectionState } from '#sdk';
import { useSyncExternalStore } from 'react';

/** Whether events reach this page. */
export function useLink({ connection }: Client): ConnectionState {
  return useSyncExternalStore(connection.onChange, () => connection.state);
}
