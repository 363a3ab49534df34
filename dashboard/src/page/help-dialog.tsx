import type { ReactNode } from 'react';
import { Dialog } from '../parts/dialog.js';
import { PLACES } from './shortcuts.js';
import './help.css';

interface Props {
  readonly enabled: boolean;
  readonly onEnable: (enabled: boolean) => void;
  readonly onClose: () => void;
}

/** The keys, and the switch for those who must do without them. */
export function HelpDialog({ enabled, onEnable, onClose }: Props): ReactNode {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl className="keys">
        {PLACES.map(({ key, name }) => (
          <Key key={key} name={key} does={name} />
        ))}
        <Key name="m" does="Light, dark, or as the system has it" />
        <Key name="?" does="These keys" />
        <Key name="Tab" does="To the next thing to press" />
        <Key name="Esc" does="Close a question" />
      </dl>
      <label className="check">
        <input type="checkbox" checked={enabled} onChange={(event) => onEnable(event.target.checked)} />
        Single letters move the focus
      </label>
    </Dialog>
  );
}

function Key({ name, does }: { readonly name: string; readonly does: string }): ReactNode {
  return (
    <div>
      <dt>
        <kbd>{name}</kbd>
      </dt>
      <dd>{does}</dd>
    </div>
  );
}
