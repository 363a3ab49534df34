import type { ReactNode } from 'react';
import './meter.css';

interface Props {
  readonly label: string;
  readonly value: number;
  readonly most: number;
  /** The value and its limit in words. */
  readonly words: string;
}

/** How much of a limit is used. */
export function Meter({ label, value, most, words }: Props): ReactNode {
  const share = most > 0 ? Math.min(1, Math.max(0, value / most)) : 0;
  return (
    <div className="meter">
      <span className="meter-words">{words}</span>
      <div
        className="meter-bar"
        role="meter"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={most}
        aria-valuenow={Math.min(most, Math.max(0, value))}
        aria-valuetext={words}
      >
        <i style={{ inlineSize: `${share * 100}%` }} />
      </div>
    </div>
  );
}
