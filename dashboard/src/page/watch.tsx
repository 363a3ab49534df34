import { type ReactNode, useCallback, useState } from 'react';
import { ChannelsPanel } from '../channels/channels-panel.js';
import { useLink } from '../live/link.js';
import { useNow } from '../live/now.js';
import type { Session } from '../live/session.js';
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
  const { wall } = useNow();
  const link = useLink(session.client);
  const keys = useKeys();
  return (
    <div className="page">
      <a className="skip" href="#channels">
        To the channels
      </a>
      <Header link={link} now={wall} onHelp={keys.open} onLeave={onLeave} />
      <main className="panels">
        <ChannelsPanel />
      </main>
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
