import { createContext, use } from 'react';

/** As the system has it, or as somebody chose here. */
export const THEMES = ['System', 'Light', 'Dark'] as const;
export type Theme = (typeof THEMES)[number];

/** Where the choice is kept; public/theme.js reads it before anything is painted. */
const NAME = 'punctual.theme';

/** The choice that this browser keeps. */
export function keptTheme(): Theme {
  const kept = document.documentElement.dataset['theme'];
  return THEMES.find((theme) => theme.toLowerCase() === kept) ?? 'System';
}

/** Shows a theme, and keeps it for the next time. */
export function showTheme(theme: Theme): void {
  const { dataset } = document.documentElement;
  if (theme === 'System') delete dataset['theme'];
  else dataset['theme'] = theme.toLowerCase();
  try {
    localStorage.setItem(NAME, theme.toLowerCase());
  } catch (error) {
    // Where the browser forbids storage, the choice lasts as long as the page.
    if (!(error instanceof DOMException)) throw error;
  }
}

/** What is shown, and how to change it. */
export interface ThemeChoice {
  /** What is to be seen: the choice, and what the system makes of it. Plots are drawn anew when it changes. */
  readonly theme: string;
  readonly choice: Theme;
  readonly choose: (theme: Theme) => void;
}

export const ThemeContext = createContext<ThemeChoice>({ theme: '', choice: 'System', choose: showTheme });

/** The theme of the page around. */
export function useTheme(): ThemeChoice {
  return use(ThemeContext);
}
