import type { ReactNode } from 'react';
import './panel.css';

interface Props {
  /** Names it for shortcuts and for its place on the page. */
  readonly id: string;
  readonly title: string;
  /** What stands at the right of the title. */
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}

/** A region of the page with its heading, which shortcuts move the focus to. */
export function Panel({ id, title, aside, children }: Props): ReactNode {
  return (
    <section className="panel" id={id} aria-labelledby={`${id}-title`}>
      <header className="panel-head">
        <h2 id={`${id}-title`} tabIndex={-1}>
          {title}
        </h2>
        {aside !== undefined && <div className="panel-aside">{aside}</div>}
      </header>
      {children}
    </section>
  );
}

/** What a panel says when it has nothing to show. */
export function Nothing({ children }: { readonly children: ReactNode }): ReactNode {
  return <p className="nothing">{children}</p>;
}

/** What a panel says while it has no answer: that it asks, or why there is none. */
export function Waiting({
  error,
  children,
}: {
  readonly error: string | null;
  readonly children: ReactNode;
}): ReactNode {
  return error === null ? <Nothing>{children}</Nothing> : <Problem>{error}</Problem>;
}

/** Why something did not work, told at once. */
export function Problem({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <p className="problem" role="alert">
      {children}
    </p>
  );
}
