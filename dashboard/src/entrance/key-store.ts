/** Under which the key is kept. */
const NAME = 'punctual.key';

/**
 * The key that this browser knows. It is kept for the tab, and for the browser only where its owner said so; never in
 * a cookie, so no request carries it that this page did not make.
 */
export function knownKey(): string | null {
  return keyFromAddress() ?? read(() => sessionStorage) ?? read(() => localStorage);
}

/** @param remember also when the tab is closed */
export function keepKey(key: string, remember: boolean): void {
  write(() => sessionStorage, key);
  if (remember) write(() => localStorage, key);
}

/** Forgets it everywhere. */
export function forgetKey(): void {
  write(() => sessionStorage, null);
  write(() => localStorage, null);
}

/**
 * `/#key=pk_...` opens the page with a key. Browsers send no fragment to any server, so it is in nobody's log; it is
 * taken out of the address at once, so that it stays in no history and on no screen that is shared.
 */
function keyFromAddress(): string | null {
  const key = new URLSearchParams(window.location.hash.slice(1)).get('key');
  if (key === null || key === '') return null;
  window.history.replaceState(null, '', window.location.pathname + window.location.search);
  keepKey(key, false);
  return key;
}

function read(storage: () => Storage): string | null {
  try {
    return storage().getItem(NAME);
  } catch (error) {
    return unlessForbidden(error);
  }
}

function write(storage: () => Storage, key: string | null): void {
  try {
    if (key === null) storage().removeItem(NAME);
    else storage().setItem(NAME, key);
  } catch (error) {
    unlessForbidden(error);
  }
}

/** A browser may forbid storage: then the key lives as long as the page, and nothing else changes. */
function unlessForbidden(error: unknown): null {
  if (error instanceof DOMException) return null;
  throw error;
}
