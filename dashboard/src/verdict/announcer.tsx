import { type ReactNode, useState } from 'react';
import { announcementOf } from './sentence.js';
import type { Verdict, VerdictStatus } from './verdict.js';

/**
 * Tells a screen reader when the status changes, and only then: a region whose figures move each second would never
 * be silent.
 */
export function Announcer({ verdict }: { readonly verdict: Verdict }): ReactNode {
  const [said, setSaid] = useState<{ status: VerdictStatus | null; words: string }>({
    status: null,
    words: '',
  });
  const words = announcementOf(said.status, verdict);
  if (words !== null) setSaid({ status: verdict.status, words });
  return (
    <p className="unseen" role="status" aria-live="polite">
      {said.words}
    </p>
  );
}
