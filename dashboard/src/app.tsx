import { type ReactNode, useState } from 'react';
import { Provider } from 'urql';
import { Entrance } from './entrance/entrance.js';
import { forgetKey, keepKey, knownKey } from './entrance/key-store.js';
import { openSession } from './live/session.js';
import { ThemeProvider } from './page/theme-provider.js';
import { Watch } from './page/watch.js';

/** The view for whoever has a key, and the way in for whoever has not. */
export function App(): ReactNode {
  const [key, setKey] = useState(knownKey);
  const [problem, setProblem] = useState<string | null>(null);
  const enter = (entered: string, remember: boolean): void => {
    keepKey(entered, remember);
    setProblem(null);
    setKey(entered);
  };
  const leave = (why: string | null): void => {
    forgetKey();
    setProblem(why);
    setKey(null);
  };
  return (
    <ThemeProvider>
      {key === null ? (
        <Entrance problem={problem} onEnter={enter} />
      ) : (
        <Opened apiKey={key} onLeave={leave} />
      )}
    </ThemeProvider>
  );
}

interface OpenedProps {
  readonly apiKey: string;
  /** @param why for the person at the entrance; null: they wanted to */
  readonly onLeave: (why: string | null) => void;
}

/** One key's session, which lasts as long as this is on the page. */
function Opened({ apiKey, onLeave }: OpenedProps): ReactNode {
  const [session] = useState(() =>
    openSession(apiKey, () =>
      onLeave('The server does not take this key: it is unknown, expired or revoked.'),
    ),
  );
  const leave = (): void => {
    void session.client.close();
    onLeave(null);
  };
  return (
    <Provider value={session.urql}>
      <Watch session={session} onLeave={leave} />
    </Provider>
  );
}
