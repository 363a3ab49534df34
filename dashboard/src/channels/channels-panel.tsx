import { ChannelsDocument, type ChannelsQuery } from '#sdk';
import { type ReactNode, useState } from 'react';
import { usePolled } from '../live/ask.js';
import { Panel, Waiting } from '../parts/panel.js';
import { ChannelCard } from './channel-card.js';
import { type UsageReading, withReading } from './usage.js';
import './channels.css';

/** Often enough for a rate of sends that follows the wave, in ms. */
const LOOK_MS = 2_000;

type Readings = ReadonlyMap<string, readonly UsageReading[]>;

/** The ways out: whether each works, and how much of its limits is used. */
export function ChannelsPanel(): ReactNode {
  const { data, error, again } = usePolled(ChannelsDocument, {}, LOOK_MS);
  const readings = useReadings(data);
  return (
    <Panel id="channels" title="Channels">
      {data ? (
        <ul className="channels">
          {data.channels.map((channel) => (
            <ChannelCard
              key={channel.channel}
              channel={channel}
              readings={readings.get(channel.channel) ?? []}
              onChanged={again}
            />
          ))}
        </ul>
      ) : (
        <Waiting error={error}>Asking for the channels.</Waiting>
      )}
    </Panel>
  );
}

/** The counts of the last answers, by channel. */
function useReadings(data: ChannelsQuery | null): Readings {
  const [seen, setSeen] = useState<{ data: ChannelsQuery | null; readings: Readings }>({
    data: null,
    readings: new Map(),
  });
  if (data !== seen.data)
    setSeen({ data, readings: data ? afterAnswer(seen.readings, data) : seen.readings });
  return seen.readings;
}

function afterAnswer(readings: Readings, { channels }: ChannelsQuery): Readings {
  const at = performance.now();
  return new Map(
    channels.flatMap(({ channel, usedToday }) =>
      usedToday === null
        ? []
        : [[channel, withReading(readings.get(channel) ?? [], { at, used: usedToday })]],
    ),
  );
}
