import { useEffect } from 'react';
import atRisk from './favicons/at-risk.svg';
import late from './favicons/late.svg';
import onTime from './favicons/on-time.svg';
import quiet from './favicons/quiet.svg';
import stale from './favicons/stale.svg';
import { titleOf } from './sentence.js';
import type { Verdict, VerdictStatus } from './verdict.js';

const FAVICONS: Readonly<Record<VerdictStatus, string>> = {
  ON_TIME: onTime,
  AT_RISK: atRisk,
  LATE: late,
  QUIET: quiet,
  STALE: stale,
};

/** The browser's tab says it too: a page in the background is watched by its tab. */
export function useTab(verdict: Verdict): void {
  const title = titleOf(verdict);
  const favicon = FAVICONS[verdict.status ?? 'QUIET'];
  useEffect(() => {
    document.title = title;
  }, [title]);
  useEffect(() => {
    document.querySelector('link[rel="icon"]')?.setAttribute('href', favicon);
  }, [favicon]);
}
