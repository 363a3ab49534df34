// Before the first paint, so that nobody who chose dark is shown a white page first. Kept by src/page/theme.ts.
try {
  const theme = localStorage.getItem('punctual.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // A browser that forbids storage shows the system's theme.
}
