import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';

/**
 * Runs TypeScript without a build: Node takes the types out, and this lets `./x.js` find `./x.ts` as the
 * compiler and jest do. For tests that need a process of their own, to kill it or to give it another PATH.
 */
const RESOLVE_TYPESCRIPT = `
import { registerHooks } from 'node:module';
registerHooks({
  resolve(specifier, context, next) {
    if (specifier.startsWith('.') && specifier.endsWith('.js') && context.parentURL?.endsWith('.ts')) {
      return next(specifier.slice(0, -3) + '.ts', context);
    }
    return next(specifier, context);
  },
});
`;

export interface TypescriptProcess {
  readonly process: ChildProcess;
  /** The next line that it writes to stdout; throws with its stderr when it ends before. */
  line(): Promise<string>;
  /** Resolves when it has ended. */
  ended(): Promise<void>;
}

/** Runs the source as an ES module; its imports are absolute paths or file URLs of TypeScript files. */
export function startTypescript(
  source: string,
  options: { env?: NodeJS.ProcessEnv; detached?: boolean } = {},
): TypescriptProcess {
  const hooks = `data:text/javascript,${encodeURIComponent(RESOLVE_TYPESCRIPT)}`;
  const child = spawn(
    process.execPath,
    [
      '--experimental-transform-types',
      '--no-warnings',
      '--import',
      hooks,
      '--input-type=module',
      '-e',
      source,
    ],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      // Not jest's NODE_OPTIONS: its flags are for jest's own processes.
      env: { ...process.env, NODE_OPTIONS: '', ...options.env },
      detached: options.detached ?? false,
    },
  );
  const errors = text(child.stderr);
  const exit = once(child, 'exit');
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    process: child,
    line: async () => {
      const next = await lines.next();
      if (next.done === true) throw new Error(`the process ended without a line: ${await errors}`);
      return next.value;
    },
    ended: async () => {
      await exit;
    },
  };
}
