import { type ReactNode, useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import './plot.css';

/** A plot's looks without its size, which is that of the place that it is put into. */
export type PlotOptions = Omit<uPlot.Options, 'width' | 'height'>;

interface Props {
  /** Makes the options; the colours are read when it is called. Must keep its identity: a new one is a new plot. */
  readonly options: (colours: Colours) => PlotOptions;
  readonly data: uPlot.AlignedData;
  /** Changes when the colours do. */
  readonly theme: string;
  /** Told the position in `data` that the pointer is over; null: it is over none. */
  readonly onHover: (index: number | null) => void;
}

/** Colours of the page as the canvas needs them. */
export interface Colours {
  readonly ink: string;
  readonly faint: string;
  readonly line: string;
  readonly accent: string;
  readonly soft: string;
  readonly font: string;
}

/** Lines over time. It says nothing to a screen reader: whoever uses it puts the figures into words beside it. */
export function Plot({ options, data, theme, onHover }: Props): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const newest = useRef(data);
  useEffect(() => {
    newest.current = data;
    plot.current?.setData(data);
  }, [data]);
  useEffect(() => {
    const { current } = place;
    if (!current) return;
    const size = (): { width: number; height: number } => ({
      width: current.clientWidth,
      height: current.clientHeight,
    });
    const made = new uPlot({ ...options(coloursOf(current)), ...size() }, newest.current, current);
    made.hooks.setCursor = [({ cursor }) => onHover(cursor.idx ?? null)];
    plot.current = made;
    const watcher = new ResizeObserver(() => made.setSize(size()));
    watcher.observe(current);
    return () => {
      watcher.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [options, theme, onHover]);
  return <div className="plot" ref={place} aria-hidden="true" />;
}

/** A canvas knows no variables and no light-dark(): a stand-in is coloured with each, and asked what became of it. */
function coloursOf(place: HTMLElement): Colours {
  const probe = place.appendChild(document.createElement('i'));
  const of = (name: string): string => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const { fontSize, fontFamily } = getComputedStyle(place);
  const colours = {
    ink: of('--ink'),
    faint: of('--ink-3'),
    line: of('--line'),
    accent: of('--accent'),
    soft: of('--accent-soft'),
    font: `${Math.round(parseFloat(fontSize) * 0.8)}px ${fontFamily}`,
  };
  probe.remove();
  return colours;
}
