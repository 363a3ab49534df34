import { startSandbox } from '../../src/adapters/sandbox/sandbox.js';
import { serveParent } from './parent.js';

/** What the sandbox's process says. */
export interface SandboxSaid {
  readonly url: string;
}

serveParent(async (_input, parent) => {
  const sandbox = await startSandbox({ port: 0, onError: (error) => console.error(error) });
  parent.say({ url: sandbox.url } satisfies SandboxSaid);
  return () => sandbox.stop();
});
