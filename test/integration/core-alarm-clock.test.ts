import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { AlarmClock, type OnRing } from '../../src/adapters/agenda/alarm-clock.js';
import { dropTestDatabase, testDatabase } from '../support/servers.js';
import { until } from '../support/until.js';

const HOUR_MS = 3_600_000;
/** Alarms of a kind that a process handles, and locks, at once. */
const AT_ONCE = 10;

/** A process, as far as alarms go: a connection and an alarm clock of its own. */
interface Process {
  readonly clock: AlarmClock;
  readonly client: MongoClient;
  readonly rung: string[];
  readonly errors: unknown[];
}

let database: { uri: string; name: string };
let processes: Process[];

beforeEach(() => {
  database = testDatabase();
  processes = [];
});

afterEach(async () => {
  // Before the ends: Agenda does not wait for the look that is under way, and that may meet a closed connection.
  const errors = processes.flatMap((process) => [...process.errors]);
  for (const { clock, client } of processes) {
    await clock.stop();
    await client.close();
  }
  await dropTestDatabase(database);
  expect(errors).toEqual([]);
});

async function open(): Promise<Process> {
  const client = await MongoClient.connect(database.uri);
  const errors: unknown[] = [];
  const clock = new AlarmClock(client.db(database.name), (error) => errors.push(error));
  await clock.open();
  const process = { clock, client, rung: [], errors };
  processes.push(process);
  return process;
}

/** Lets a process ring; it notes what has rung, and does then what the test wants. */
function ring(process: Process, then: OnRing = () => Promise.resolve()): Promise<void> {
  return process.clock.start(async (kind, name) => {
    process.rung.push(`${kind} ${name}`);
    await then(kind, name);
  });
}

const stored = ({ client }: Process): Promise<unknown[]> =>
  client.db(database.name).collection('alarms').find().toArray();
const ahead = (ms: number): Date => new Date(Date.now() + ms);

describe('AlarmClock', () => {
  it('rings an alarm once, and it is gone', async () => {
    const one = await open();
    await one.clock.set({ kind: 'ring', name: 'q@1', at: ahead(0) });
    await one.clock.set({ kind: 'job', name: 'plan@1', at: ahead(-HOUR_MS) });
    await one.clock.set({ kind: 'ring', name: 'q@2', at: ahead(HOUR_MS) });
    await ring(one);
    await until(async () => (await stored(one)).length === 1);
    expect(one.rung.sort()).toEqual(['job plan@1', 'ring q@1']);
    expect(await stored(one)).toEqual([expect.objectContaining({ data: { alarm: 'q@2' } })]);
  });

  it('CORE-3 the same name from two processes at once is one alarm', async () => {
    const [one, two] = [await open(), await open()];
    for (let round = 0; round < 5; round++) {
      const alarm = { kind: 'ring', name: `q@${round}`, at: ahead(HOUR_MS) } as const;
      await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? one : two).clock.set(alarm)));
    }
    expect(await stored(one)).toHaveLength(5);
  });

  it('one that is set stays as it is: setting it again does not move it', async () => {
    const [one, two] = [await open(), await open()];
    const at = ahead(HOUR_MS);
    await one.clock.set({ kind: 'ring', name: 'q@1', at });
    await two.clock.set({ kind: 'ring', name: 'q@1', at: ahead(2 * HOUR_MS) });
    expect(await stored(one)).toEqual([expect.objectContaining({ nextRunAt: at })]);
  });

  it('rings once where two processes ring', async () => {
    const [one, two] = [await open(), await open()];
    const names = Array.from({ length: 30 }, (_, i) => `q@${i}`);
    await Promise.all(names.map((name) => one.clock.set({ kind: 'ring', name, at: ahead(-1_000) })));
    await Promise.all([ring(one), ring(two)]);
    await until(async () => (await stored(one)).length === 0);
    expect([...one.rung, ...two.rung].sort()).toEqual(names.map((name) => `ring ${name}`).sort());
  });

  it('CORE-25 survives the process that set it', async () => {
    const one = await open();
    await one.clock.set({ kind: 'ring', name: 'q@1', at: ahead(0) });
    await one.clock.stop();
    await one.client.close();
    const two = await open();
    await ring(two);
    await until(() => two.rung.length === 1);
    await until(async () => (await stored(two)).length === 0);
  });

  it('can be set anew once it has rung', async () => {
    const one = await open();
    await ring(one);
    for (let round = 1; round <= 2; round++) {
      await one.clock.set({ kind: 'ring', name: 'q@1', at: ahead(0) });
      await until(() => one.rung.length === round);
      await until(async () => (await stored(one)).length === 0);
    }
  });

  it('CORE-30 takes nothing more once it is stopped: what it had not begun is rung by another at once', async () => {
    const one = await open();
    const gate = Promise.withResolvers<undefined>();
    const names = Array.from({ length: 40 }, (_, i) => `q@${i}`);
    await Promise.all(names.map((name) => one.clock.set({ kind: 'ring', name, at: ahead(-1_000) })));
    await ring(one, () => gate.promise);
    await until(() => one.rung.length === AT_ONCE);
    await one.clock.stop();
    const two = await open();
    await ring(two);
    await until(() => two.rung.length === names.length - AT_ONCE);
    gate.resolve(undefined);
    await until(async () => (await stored(two)).length === 0);
    expect(one.rung).toHaveLength(AT_ONCE);
    expect([...one.rung, ...two.rung].sort()).toEqual(names.map((name) => `ring ${name}`).sort());
  });
});
