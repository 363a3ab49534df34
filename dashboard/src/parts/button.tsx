import type { ComponentProps, ReactNode } from 'react';
import { Icon, type IconName } from './icon.js';
import './button.css';

interface Props extends Omit<ComponentProps<'button'>, 'className' | 'type'> {
  readonly icon?: IconName;
  /** `strong` for the one that goes on, `quiet` for those that stand in a row of figures. */
  readonly look?: 'strong' | 'plain' | 'quiet';
  readonly submit?: boolean;
  readonly busy?: boolean;
}

/** Something to press. While it is busy it cannot be pressed, and keeps its place and the focus. */
export function Button({
  icon,
  look = 'plain',
  submit,
  busy = false,
  children,
  onClick,
  ...rest
}: Props): ReactNode {
  return (
    <button
      {...rest}
      type={submit === true ? 'submit' : 'button'}
      className={`button button-${look}`}
      aria-disabled={busy || undefined}
      onClick={(event) => {
        if (busy) event.preventDefault();
        else onClick?.(event);
      }}
    >
      {icon && <Icon name={icon} />}
      {children !== undefined && <span>{children}</span>}
    </button>
  );
}
