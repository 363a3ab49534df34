import type { ConnectionState } from '#sdk';
import type { ReactNode } from 'react';
import { Button } from '../parts/button.js';
import { Choice } from '../parts/choice.js';
import { timeOfDay, zoneName } from '../words/instant.js';
import { THEMES, useTheme } from './theme.js';
import './header.css';

interface Props {
  readonly link: ConnectionState;
  /** Server's time, ms since 1970. */
  readonly now: number;
  readonly onHelp: () => void;
  readonly onLeave: () => void;
}

const LINKS: Readonly<Record<ConnectionState, string>> = {
  idle: 'connecting',
  connecting: 'connecting',
  open: 'live',
  lost: 'reconnecting',
};

/** Where this is, what time it is there, and what can be set. */
export function Header({ link, now, onHelp, onLeave }: Props): ReactNode {
  const { choice, choose } = useTheme();
  return (
    <header className="header">
      <p className="header-name">
        <strong>Punctual</strong> <span>{window.location.host}</span>
      </p>
      <p className="header-clock">
        <time dateTime={new Date(now).toISOString()}>{timeOfDay(now)}</time> <span>{zoneName(now)}</span>
      </p>
      <p className={`link link-${link}`}>{LINKS[link]}</p>
      <div className="header-tools">
        <Choice label="Colours" options={THEMES} chosen={choice} onChoose={choose} />
        <Button look="quiet" icon="keys" aria-label="Keys (?)" onClick={onHelp} />
        <Button look="quiet" icon="leave" onClick={onLeave}>
          Forget key
        </Button>
      </div>
    </header>
  );
}
