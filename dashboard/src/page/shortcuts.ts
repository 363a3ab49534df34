import { useEffect } from 'react';

/** A place on the page, with the key that leads there. */
export interface Place {
  readonly key: string;
  /** The panel's id. */
  readonly id: string;
  readonly name: string;
}

/** The places in their order on the page. */
export const PLACES: readonly Place[] = [
  { key: 's', id: 'verdict', name: 'How it stands' },
  { key: 'w', id: 'wave', name: 'The wave' },
  { key: 'l', id: 'lateness', name: 'Lateness' },
  { key: 'a', id: 'alerts', name: 'Alerts' },
  { key: 'p', id: 'causes', name: 'Where time was lost' },
  { key: 't', id: 'tiers', name: 'Tiers' },
  { key: 'c', id: 'channels', name: 'Channels' },
  { key: 'd', id: 'dead-letters', name: 'Not delivered' },
  { key: 'q', id: 'queues', name: 'Queues' },
];

interface Shortcuts {
  /** False: single keys do nothing, as people need who speak to their computer. */
  readonly enabled: boolean;
  readonly onHelp: () => void;
  readonly onTheme: () => void;
}

/** Listens to single keys, wherever the focus is, but not while something is typed or asked. */
export function useShortcuts({ enabled, onHelp, onTheme }: Shortcuts): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isBusy(event.target)) return;
      if (event.key === '?') onHelp();
      else if (!enabled) return;
      else if (event.key === 'm') onTheme();
      else {
        const place = PLACES.find(({ key }) => key === event.key);
        if (!place) return;
        goTo(place.id);
      }
      event.preventDefault();
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, [enabled, onHelp, onTheme]);
}

/** Moves the focus to a panel's heading, so that Tab goes on from there. */
export function goTo(id: string): void {
  const heading = document.getElementById(`${id}-title`);
  heading?.focus({ preventScroll: true });
  heading?.scrollIntoView({ block: 'center' });
}

function isBusy(target: EventTarget | null): boolean {
  if (document.querySelector('dialog[open]')) return true;
  return target instanceof HTMLInputElement && target.type !== 'radio' && target.type !== 'checkbox';
}
