import type { Credentials } from './auth.js';
import type { Edge } from './edge.js';

/**
 * Watches the credentials of a connection that stays open (SEC-3): `ended` is called once, when the token ends or the key
 * is found to be revoked. While they cannot be asked for, they are believed.
 * @returns ends the watch
 */
export function watch(
  { core: { access }, limits, log }: Edge,
  { caller, bearer }: Credentials,
  ended: () => void,
): () => void {
  let timer: NodeJS.Timeout;
  let over = false;
  const look = async (): Promise<void> => {
    try {
      if ((await access.authenticate(bearer)) === null && !over) {
        over = true;
        ended();
      }
    } catch (error) {
      log.warn({ err: error }, 'could not ask whether credentials are still good; asking again soon');
    }
    if (!over) wait();
  };
  const wait = (): void => {
    const left = caller.expiresAt === null ? Infinity : caller.expiresAt.getTime() - Date.now() + 1;
    timer = setTimeout(() => void look(), Math.min(limits.credentialsMs, Math.max(left, 1)));
    timer.unref();
  };
  wait();
  return () => {
    over = true;
    clearTimeout(timer);
  };
}
