import { type ReactNode, useCallback, useState } from 'react';
import { AlertsPanel } from '../alerts/alerts-panel.js';
import { CausesPanel } from '../causes/causes-panel.js';
import { ChannelsPanel } from '../channels/channels-panel.js';
import { DeadLettersPanel } from '../dead-letters/dead-letters-panel.js';
import { LatenessPanel } from '../lateness/lateness-panel.js';
import { useLink } from '../live/link.js';
import { useNow } from '../live/now.js';
import { serverNow } from '../live/server-clock.js';
import type { Session } from '../live/session.js';
import { useSla } from '../live/sla.js';
import { failuresIn, useQueues } from '../queues/live-queue.js';
import { QueuesPanel } from '../queues/queues-panel.js';
import { TiersPanel } from '../tiers/tiers-panel.js';
import { Announcer } from '../verdict/announcer.js';
import { useTab } from '../verdict/use-tab.js';
import { verdictOf } from '../verdict/verdict.js';
import { VerdictBanner } from '../verdict/verdict-banner.js';
import { useShownRun } from '../wave/shown-run.js';
import { WavePanel } from '../wave/wave-panel.js';
import { Header } from './header.js';
import { HelpDialog } from './help-dialog.js';
import { useShortcuts } from './shortcuts.js';
import { THEMES, useTheme } from './theme.js';
import './watch.css';

interface Props {
  readonly session: Session;
  readonly onLeave: () => void;
}

/** The page: one sentence, then the wave, then the causes. */
export function Watch({ session, onLeave }: Props): ReactNode {
  const time = useNow();
  const [opened] = useState(time.monotonic);
  const link = useLink(session.client);
  const { known: sla, error } = useSla();
  const queues = useQueues();
  const shown = useShownRun(sla?.waves ?? null);
  const verdict = verdictOf(sla?.news ?? null, link, opened, time.monotonic);
  const now = sla ? serverNow(sla.clock, time.monotonic) : time.wall;
  useTab(verdict);
  const keys = useKeys();
  return (
    <div className={`page${verdict.status === 'STALE' ? ' is-stale' : ''}`}>
      <a className="skip" href="#verdict">
        To how it stands
      </a>
      <Header link={link} now={now} onHelp={keys.open} onLeave={onLeave} />
      <main className="panels">
        <VerdictBanner verdict={verdict} news={sla?.news ?? null} problem={error} />
        <WavePanel shown={shown} now={now} />
        <LatenessPanel sla={sla?.news.slas[0] ?? null} samples={sla?.samples ?? []} />
        <div className="panels-side">
          <AlertsPanel now={now} />
          <CausesPanel progress={shown.progress} />
          <TiersPanel progress={shown.progress} />
          <ChannelsPanel />
        </div>
        <DeadLettersPanel failures={failuresIn(queues.known)} />
        <QueuesPanel {...queues} />
      </main>
      <Announcer verdict={verdict} />
      {keys.isOpen && <HelpDialog enabled={keys.enabled} onEnable={keys.enable} onClose={keys.close} />}
    </div>
  );
}

interface Keys {
  readonly isOpen: boolean;
  readonly enabled: boolean;
  readonly open: () => void;
  readonly close: () => void;
  readonly enable: (enabled: boolean) => void;
}

/** The keys at work, and their dialog. */
function useKeys(): Keys {
  const [isOpen, setOpen] = useState(false);
  const [enabled, enable] = useState(true);
  const { choice, choose } = useTheme();
  const open = useCallback(() => setOpen(true), []);
  const onTheme = useCallback(() => {
    choose(THEMES[(THEMES.indexOf(choice) + 1) % THEMES.length] ?? 'System');
  }, [choice, choose]);
  useShortcuts({ enabled, onHelp: open, onTheme });
  return { isOpen, enabled, open, close: () => setOpen(false), enable };
}
