import { type ReactNode, useMemo, useState, useSyncExternalStore } from 'react';
import { keptTheme, showTheme, type Theme, ThemeContext } from './theme.js';

const DARK = window.matchMedia('(prefers-color-scheme: dark)');

/** Gives the page its theme. */
export function ThemeProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const [choice, setChoice] = useState(keptTheme);
  const isSystemDark = useSyncExternalStore(
    (listener) => {
      DARK.addEventListener('change', listener);
      return () => DARK.removeEventListener('change', listener);
    },
    () => DARK.matches,
  );
  const theme = choice === 'System' ? (isSystemDark ? 'Dark' : 'Light') : choice;
  const value = useMemo(
    () => ({
      theme,
      choice,
      choose: (chosen: Theme) => {
        showTheme(chosen);
        setChoice(chosen);
      },
    }),
    [theme, choice],
  );
  return <ThemeContext value={value}>{children}</ThemeContext>;
}
