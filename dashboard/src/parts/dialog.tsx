import { type ReactNode, useEffect, useId, useRef } from 'react';
import { Button } from './button.js';
import './dialog.css';

interface Props {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/**
 * A question or an answer on top of the page. It is open as long as it is rendered. The browser's own dialog keeps the
 * focus inside, closes on Escape, and gives the focus back.
 */
export function Dialog({ title, onClose, children }: Props): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const { current } = dialog;
    const before = document.activeElement;
    if (current && !current.open) current.showModal();
    return () => {
      current?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      className="dialog"
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <header className="dialog-head">
        <h2 id={id}>{title}</h2>
        <Button look="quiet" icon="close" aria-label="Close" onClick={onClose} />
      </header>
      {children}
    </dialog>
  );
}

/** The buttons at a dialog's end. */
export function DialogButtons({ children }: { readonly children: ReactNode }): ReactNode {
  return <footer className="dialog-buttons">{children}</footer>;
}
