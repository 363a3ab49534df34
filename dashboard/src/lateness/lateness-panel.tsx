import { HistoryDocument, type SlaFieldsFragment } from '#sdk';
import { type ReactNode, useMemo, useState } from 'react';
import { usePolled } from '../live/ask.js';
import { Button } from '../parts/button.js';
import { Panel } from '../parts/panel.js';
import { Choice } from '../parts/choice.js';
import { useTheme } from '../page/theme.js';
import { Figures } from './figures-table.js';
import { LatenessFigure } from './lateness-figure.js';
import { RateFigure } from './rate-figure.js';
import { latenessColumns, rateColumns, type RateSample } from './series.js';
import './lateness.css';

/** The last bucket is still filling: often enough to see it move, in ms. */
const LOOK_MS = 5_000;

/** How far back, and in what steps: about sixty points each. */
const SPANS = [
  { name: '15 min', last: '15m', bucket: '1m' },
  { name: '1 h', last: '1h', bucket: '1m' },
  { name: '6 h', last: '6h', bucket: '5m' },
  { name: '24 h', last: '24h', bucket: '30m' },
] as const;

interface Props {
  readonly sla: SlaFieldsFragment | null;
  readonly samples: readonly RateSample[];
}

/** How late, and how many in time, over the last hours. */
export function LatenessPanel({ sla, samples }: Props): ReactNode {
  const [span, setSpan] = useState<(typeof SPANS)[number]['name']>('15 min');
  const [asTable, setAsTable] = useState(false);
  const { last, bucket } = SPANS.find(({ name }) => name === span) ?? SPANS[0];
  const window = useMemo(() => ({ last }), [last]);
  const lateness = usePolled(HistoryDocument, { series: 'LATENCY', window, bucket }, LOOK_MS).data;
  const rate = usePolled(HistoryDocument, { series: 'SLA', window, bucket }, LOOK_MS).data;
  const { theme } = useTheme();
  const latenessData = useMemo(() => latenessColumns(lateness?.history ?? []), [lateness]);
  const rateData = useMemo(() => rateColumns(rate?.history ?? [], samples), [rate, samples]);
  return (
    <Panel
      id="lateness"
      title="Lateness"
      aside={
        <>
          <Choice
            label="How far back"
            options={SPANS.map(({ name }) => name)}
            chosen={span}
            onChoose={setSpan}
          />
          <Button
            look="quiet"
            icon={asTable ? 'chart' : 'table'}
            aria-pressed={asTable}
            onClick={() => setAsTable(!asTable)}
          >
            Table
          </Button>
        </>
      }
    >
      <div className="lateness">
        {asTable ? (
          <Figures lateness={latenessData} rate={rateData} />
        ) : (
          <>
            <LatenessFigure
              columns={latenessData}
              targetMs={sla?.policy.targetLatenessMs ?? null}
              theme={theme}
            />
            <RateFigure columns={rateData} sla={sla} theme={theme} />
          </>
        )}
      </div>
    </Panel>
  );
}
