import type { AlertFieldsFragment, AlertChangesSubscription } from '#sdk';

const GRAVITY: readonly AlertFieldsFragment['severity'][] = ['CRITICAL', 'WARNING', 'NOTICE'];

/**
 * The alerts that are not resolved after one more event: those that nobody has taken up come first, then the grave
 * ones, then the newest. A snapshot replaces all that was known.
 */
export function afterEvent(
  known: readonly AlertFieldsFragment[],
  event: Pick<AlertChangesSubscription['alerts'], 'snapshot' | 'alerts'>,
): readonly AlertFieldsFragment[] {
  const byId = new Map((event.snapshot ? [] : known).map((alert) => [alert.id, alert]));
  for (const alert of event.alerts) {
    if (alert.state === 'RESOLVED') byId.delete(alert.id);
    else byId.set(alert.id, alert);
  }
  return [...byId.values()].sort(
    (a, b) =>
      Number(a.state === 'ACKNOWLEDGED') - Number(b.state === 'ACKNOWLEDGED') ||
      GRAVITY.indexOf(a.severity) - GRAVITY.indexOf(b.severity) ||
      b.openedAt.localeCompare(a.openedAt) ||
      a.id.localeCompare(b.id),
  );
}
