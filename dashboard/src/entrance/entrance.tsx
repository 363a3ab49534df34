import { type ReactNode, type SubmitEvent, useState } from 'react';
import { Button } from '../parts/button.js';
import { Problem } from '../parts/panel.js';
import './entrance.css';

interface Props {
  /** Why the page asks again; null at the first time. */
  readonly problem: string | null;
  readonly onEnter: (key: string, remember: boolean) => void;
}

/** Asks for the key. Whether it is good, the server's first answer tells. */
export function Entrance({ problem, onEnter }: Props): ReactNode {
  const [key, setKey] = useState('');
  const [remember, setRemember] = useState(false);
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (key.trim() !== '') onEnter(key.trim(), remember);
  };
  return (
    <main className="entrance">
      <form onSubmit={submit}>
        <h1>Punctual</h1>
        <p>Is everything on time? An API key with the role OPERATOR opens the view.</p>
        <label className="field">
          API key
          <input
            type="password"
            name="key"
            autoComplete="current-password"
            spellCheck={false}
            required
            value={key}
            onChange={(event) => setKey(event.target.value)}
          />
        </label>
        <label className="check">
          <input type="checkbox" checked={remember} onChange={(event) => setRemember(event.target.checked)} />
          Remember it in this browser
        </label>
        {problem !== null && <Problem>{problem}</Problem>}
        <Button submit look="strong">
          Watch
        </Button>
        <p className="entrance-hint">
          A development server keeps its key in the file <code>.punctual/dev-key</code>.
        </p>
      </form>
    </main>
  );
}
