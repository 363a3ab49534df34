import type { ReactNode } from 'react';

/** Strokes on a field of 24 by 24. */
const STROKES = {
  check: <path d="M5 12.5 10 17.5 19.5 7" />,
  warning: <path d="M12 4 2.8 20h18.4zM12 10v4.2m0 2.8v.2" />,
  late: <path d="M8.3 3h7.4L21 8.3v7.4L15.7 21H8.3L3 15.7V8.3zM12 7.5v5.2m0 3.4v.2" />,
  quiet: <path d="M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z" />,
  stale: (
    <path d="M4 4l16 16M9 5.4A10.5 10.5 0 0 1 21 9M3 9a14 14 0 0 1 3.3-2.2M6.5 13a8 8 0 0 1 3.2-1.9m5.6 1a8 8 0 0 1 2.2.9M12 19v.2" />
  ),
  wait: <path d="M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3.2 2" />,
  sun: (
    <path d="M12 16.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM12 2.5v2m0 15v2M2.5 12h2m15 0h2M5.3 5.3l1.4 1.4m10.6 10.6 1.4 1.4m0-13.4-1.4 1.4M6.7 17.3l-1.4 1.4" />
  ),
  screen: <path d="M3.5 5h17v11h-17zM9 20h6m-3-4v4" />,
  keys: <path d="M3 7h18v10H3zM7 10.5v.1m3.3-.1v.1m3.4-.1v.1m3.3-.1v.1M8 14h8" />,
  leave: <path d="M14 4h5v16h-5M4 12h10m-4-4.5L14.5 12 10 16.5" />,
  pause: <path d="M8.5 5v14m7-14v14" />,
  resume: <path d="M7.5 4.5v15l12-7.5z" />,
  again: <path d="M19.5 12a7.5 7.5 0 1 1-2.2-5.3L19.5 9m0-5v5h-5" />,
  close: <path d="M6 6l12 12M18 6 6 18" />,
  table: <path d="M4 5h16v14H4zM4 10h16M4 14.5h16M10 5v14" />,
  chart: <path d="M4 4v16h16M8 15l4-5 3 3 5-7" />,
} as const satisfies Record<string, ReactNode>;

export type IconName = keyof typeof STROKES;

/** A picture beside words that say the same: screen readers pass it by. */
export function Icon({ name }: { readonly name: IconName }): ReactNode {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {STROKES[name]}
    </svg>
  );
}
