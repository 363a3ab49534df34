import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { createContext, type Module, SourceTextModule } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type * as Sdk from '#sdk';
import { type Client, createClient, DeliveriesDocument } from '#sdk';
import { startSystem, type System } from '../support/system.js';
import { until } from '../support/until.js';

const run = promisify(execFile);
const TSC = resolve('node_modules/typescript/bin/tsc');
/** npm starts, fetches what is not in its cache, and compiles. */
const INSTALL_MS = 120_000;

/** What comes with the client, as a lock file names it. */
const DEPENDENCIES = new Set(
  ['@graphql-typed-document-node/core', 'graphql', 'graphql-ws'].map((name) => `node_modules/${name}`),
);

let system: System;
let client: Client;
let folder: string;
/** A project that knows of the client what any other would: the packed file. */
let project: string;
let packed: { readonly filename: string; readonly files: readonly { readonly path: string }[] };

beforeAll(async () => {
  system = await startSystem();
  client = createClient({ url: system.url, apiKey: system.adminKey });
  folder = await mkdtemp(join(tmpdir(), 'punctual-sdk-'));
  packed = await pack();
  project = join(folder, 'project');
  await install();
}, INSTALL_MS);

afterAll(async () => {
  await client.close();
  await system.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Runs npm in a folder. @returns what it prints */
async function npm(cwd: string, ...args: string[]): Promise<string> {
  // What jest needs is none of npm's business.
  const { NODE_OPTIONS: _, ...env } = process.env;
  return (await run('npm', args, { cwd, env })).stdout;
}

/**
 * Makes a project outside the repository, and installs the client there. Its lock file has the versions of what the
 * client depends on from ours, so that npm finds them in its cache, where `npm ci` has left them.
 */
async function install(): Promise<void> {
  await mkdir(project);
  await writeFile(join(project, 'package.json'), '{ "type": "module", "private": true }');
  const { packages } = JSON.parse(await readFile('package-lock.json', 'utf8')) as { packages: object };
  const known = Object.entries(packages).filter(([path]) => DEPENDENCIES.has(path));
  const lock = { lockfileVersion: 3, requires: true, packages: { '': {}, ...Object.fromEntries(known) } };
  await writeFile(join(project, 'package-lock.json'), JSON.stringify(lock));
  await npm(project, 'install', '--prefer-offline', '--no-audit', '--no-fund', join(folder, packed.filename));
}

/** Packs a copy, because packing builds, and other tests run what is built. */
async function pack(): Promise<typeof packed> {
  const copy = join(folder, 'repository');
  const dist = resolve('sdk/dist');
  await cp('sdk', join(copy, 'sdk'), { recursive: true, filter: (source) => resolve(source) !== dist });
  for (const file of ['.swcrc', 'tsconfig.json']) await cp(file, join(copy, file));
  await symlink(resolve('node_modules'), join(copy, 'node_modules'));
  const output = await npm(join(copy, 'sdk'), 'pack', '--json', '--pack-destination', folder);
  const [result] = JSON.parse(output.slice(output.indexOf('['))) as [typeof packed];
  return result;
}

/** Type-checks files of the project. @returns what the compiler has to say */
async function typeCheck(options: Record<string, unknown>, ...files: string[]): Promise<string> {
  const config = { compilerOptions: { strict: true, noEmit: true, ...options }, files };
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify(config));
  return run(process.execPath, [TSC], { cwd: project }).then(
    ({ stdout }) => stdout,
    (error: { stdout: string }) => error.stdout,
  );
}

describe('the packed client', () => {
  it('holds what is needed to run and to read it, and nothing else', () => {
    const paths = packed.files.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining(['LICENSE', 'README.md', 'package.json', 'dist/index.js', 'dist/index.d.ts']),
    );
    const others = paths.filter((path) => !/^dist\/.+\.(js|js\.map|d\.ts)$/.test(path));
    expect(others.sort()).toEqual(['LICENSE', 'README.md', 'package.json']);
  });

  it(
    "type-checks, in Node and for a browser, with its answers' types inferred",
    async () => {
      await writeFile(join(project, 'example.ts'), await smallestExample());
      await writeFile(join(project, 'usage.ts'), USAGE);
      const node = {
        module: 'NodeNext',
        target: 'ES2024',
        types: ['node'],
        typeRoots: [resolve('node_modules/@types')],
      };
      expect(await typeCheck(node, 'example.ts', 'usage.ts')).toBe('');
      const browser = {
        module: 'ESNext',
        moduleResolution: 'Bundler',
        target: 'ES2024',
        types: [],
        lib: ['ES2024', 'DOM'],
      };
      expect(await typeCheck(browser, 'usage.ts')).toBe('');
    },
    INSTALL_MS,
  );

  it("DC-3 runs the README's smallest example, word for word: the message is sent", async () => {
    await writeFile(join(project, 'example.ts'), await smallestExample());
    const env = { PATH: process.env['PATH'], PUNCTUAL_URL: system.url, PUNCTUAL_API_KEY: system.adminKey };
    const { stdout } = await run(process.execPath, ['example.ts'], { cwd: project, env });
    expect(stdout).toMatch(/^(QUEUED|SENDING|SENT) \[\]\n$/);
    const sent = await until(async () => {
      const { deliveries } = await client.request(DeliveriesDocument, {
        filter: { states: ['SENT', 'DELIVERED', 'READ'] },
      });
      return deliveries.nodes[0];
    });
    expect(sent).toMatchObject({ to: expect.stringContaining('0123'), idempotencyKey: expect.any(String) });
  });

  it.each(['websocket', 'sse'])(
    'needs nothing of Node: a page of the server requests, and subscribes over %s',
    async (transport) => {
      const page = createContext({ ...browserGlobals(), location: { origin: system.url } });
      const module = await loadAsPage(join(project, 'node_modules/@punctual/client/dist/index.js'), page);
      const sdk = module.namespace as typeof Sdk;
      const inPage = sdk.createClient({ apiKey: system.adminKey, transport: transport as 'sse' });
      const { queues } = await inPage.request(sdk.QueuesDocument);
      expect(queues.length).toBeGreaterThan(0);
      const updates = inPage.subscribe(sdk.DeliveryUpdatedDocument, {
        input: { queue: queues[0]?.name ?? '' },
      });
      expect(await updates.next()).toMatchObject({
        done: false,
        value: { deliveryUpdated: { snapshot: true } },
      });
      await inPage.close();
    },
  );
});

/** The first TypeScript of the package's README. */
async function smallestExample(): Promise<string> {
  const readme = await readFile('sdk/README.md', 'utf8');
  const example = /## The smallest example\n\n```ts\n([\s\S]*?)```/.exec(readme)?.[1];
  if (example === undefined) throw new Error('sdk/README.md has no smallest example');
  return example;
}

const USAGE = `
import { createClient, DeliveriesDocument, DeliveryUpdatedDocument, orThrow, QueueDocument, ScheduleDocument } from '@punctual/client';

const client = createClient({ url: 'http://127.0.0.1:4000', apiKey: async () => 'key', transport: 'sse' });
const { schedule } = await client.request(ScheduleDocument, {
  input: { at: { after: '1h' }, channel: 'SMS', to: '+12025550123', content: { text: 'x' } },
});
const state: 'SCHEDULED' | undefined | string = orThrow(schedule).delivery?.state;
for await (const { key, dueAt } of client.pages(DeliveriesDocument, { filter: { states: ['SENT'] } })) {
  const texts: string[] = [key, dueAt];
}
for await (const { deliveryUpdated } of client.subscribe(DeliveryUpdatedDocument, { input: { queue: 'q' } })) {
  const snapshot: boolean = deliveryUpdated.snapshot;
}
// @ts-expect-error a queue is no list
client.pages(QueueDocument, { name: 'q' });
// @ts-expect-error the input is required
await client.request(ScheduleDocument);
// @ts-expect-error there is no such channel
await client.request(ScheduleDocument, { input: { at: { after: '1h' }, channel: 'PIGEON', to: 'x', content: {} } });
// @ts-expect-error there is no such state
await client.request(DeliveriesDocument, { filter: { states: ['LOST'] } });
`;

/** What every browser gives to a page, as far as the client uses it. What else it used would be missing here. */
function browserGlobals(): Record<string, unknown> {
  const { fetch, WebSocket, AbortController, AbortSignal, DOMException, TextDecoder, URL, crypto } =
    globalThis;
  const timers = { setTimeout, clearTimeout, queueMicrotask };
  return {
    fetch,
    WebSocket,
    AbortController,
    AbortSignal,
    DOMException,
    TextDecoder,
    URL,
    crypto,
    ...timers,
  };
}

/** Loads a module and what it imports into a page, which has no Node around it: a `node:` import would find no file. */
async function loadAsPage(path: string, page: object): Promise<SourceTextModule> {
  const loaded = new Map<string, Promise<SourceTextModule>>();
  const load = (file: string): Promise<SourceTextModule> => {
    const found =
      loaded.get(file) ??
      readFile(file, 'utf8').then((text) => new SourceTextModule(text, { context: page, identifier: file }));
    loaded.set(file, found);
    return found;
  };
  const link = (specifier: string, importer: Module): Promise<SourceTextModule> => {
    if (specifier.startsWith('.')) return load(resolve(dirname(importer.identifier), specifier));
    // As a bundler would by the package's `exports`.
    if (specifier === 'graphql-ws/client')
      return load(join(project, 'node_modules/graphql-ws/dist/client.js'));
    throw new Error(`${importer.identifier} imports ${specifier}`);
  };
  const module = await load(path);
  await module.link(link);
  await module.evaluate();
  return module;
}
