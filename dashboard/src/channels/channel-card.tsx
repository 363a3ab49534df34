import { type ChannelsQuery, ResumeChannelDocument } from '#sdk';
import type { ReactNode } from 'react';
import { useAction } from '../live/act.js';
import { Button } from '../parts/button.js';
import { Meter } from '../parts/meter.js';
import { Problem } from '../parts/panel.js';
import { count, counted } from '../words/count.js';
import { timeOfDay } from '../words/instant.js';
import { perSecondOf, type UsageReading } from './usage.js';

type Channel = ChannelsQuery['channels'][number];

interface Props {
  readonly channel: Channel;
  readonly readings: readonly UsageReading[];
  readonly onChanged: () => void;
}

/** One way out. */
export function ChannelCard({ channel, readings, onChanged }: Props): ReactNode {
  const { channel: name, provider, stopped } = channel;
  const resume = useAction(ResumeChannelDocument);
  const { mood, words } = stateOf(channel);
  return (
    <li className="channel">
      <div className="channel-head">
        <h3>
          {name} <small>{provider}</small>
        </h3>
        <span className={`pill pill-${mood}`}>{words}</span>
      </div>
      {stopped !== null && (
        <div className="channel-stopped">
          <p>Stopped: {stopped}</p>
          <Button
            icon="resume"
            busy={resume.busy}
            onClick={() => void resume.run({ input: { channel: name } }).then((done) => done && onChanged())}
          >
            Resume {name}
          </Button>
          {resume.problem !== null && <Problem>{resume.problem}</Problem>}
        </div>
      )}
      <div className="channel-limits">
        <PerSecond channel={channel} readings={readings} />
        <PerDay channel={channel} />
      </div>
    </li>
  );
}

function PerSecond({ channel: { channel, perSecond }, readings }: Omit<Props, 'onChanged'>): ReactNode {
  const rate = perSecondOf(readings);
  if (perSecond === null) return <p className="meter-words">No limit a second.</p>;
  if (rate === null) return <p className="meter-words">At most {count(perSecond)} a second.</p>;
  const shown = rate < 10 && rate > 0 ? rate.toFixed(1) : count(Math.round(rate));
  return (
    <Meter
      label={`${channel}: tokens a second`}
      value={rate}
      most={perSecond}
      words={`${shown} of ${count(perSecond)} a second`}
    />
  );
}

function PerDay({ channel: { channel, perDay, usedToday, zone } }: Pick<Props, 'channel'>): ReactNode {
  if (perDay === null) return <p className="meter-words">No limit a day.</p>;
  if (usedToday === null)
    return <p className="meter-words">At most {count(perDay)} a day; the count cannot be told now.</p>;
  return (
    <Meter
      label={`${channel}: tokens today`}
      value={usedToday}
      most={perDay}
      words={`${count(usedToday)} of ${count(perDay)} today (${zone})`}
    />
  );
}

function stateOf({ stopped, breaker, retryAt, consecutiveFailures }: Channel): {
  mood: string;
  words: string;
} {
  if (stopped !== null) return { mood: 'bad', words: 'stopped' };
  switch (breaker) {
    case 'OPEN':
      return {
        mood: 'bad',
        words: retryAt === null ? 'breaker open' : `breaker open until ${timeOfDay(retryAt)}`,
      };
    case 'HALF_OPEN':
      return { mood: 'warn', words: 'breaker half open: trying one' };
    case 'CLOSED':
      return consecutiveFailures > 0
        ? { mood: 'warn', words: `works; ${counted(consecutiveFailures, 'failure')} in a row` }
        : { mood: 'good', words: 'works' };
  }
}
