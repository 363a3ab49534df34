import { setTimeout as delay } from 'node:timers/promises';

import type { Collection } from 'mongodb';
import { MongoClient } from 'mongodb';

/** The name of the one-node set. */
export const REPLICA_SET = 'punctual';

/** How often a state of mongod is asked for while it starts. */
const ASK_EVERY_MS = 20;

/**
 * Makes the mongod at `host` (`127.0.0.1:PORT`) the primary of its one-node set and resolves once it takes
 * writes. Throws when another server answers there.
 */
export async function becomePrimary(host: string, pid: number, signal: AbortSignal): Promise<void> {
  await withDirectClient(host, pid, async (client) => {
    const admin = client.db('admin');
    if ((await storedConfig(client).findOne()) === null) {
      await admin.command({ replSetInitiate: { _id: REPLICA_SET, members: [{ _id: 0, host }] } });
    }
    while ((await admin.command({ hello: 1 }))['isWritablePrimary'] !== true) {
      await delay(ASK_EVERY_MS, undefined, { signal });
    }
  });
}

/**
 * Writes the new host into the set's configuration, which keeps host and port. The mongod at `host` must run
 * without the set: as a member it first asks the old address whether that is itself, and when the old port
 * belongs to a silent server now, it waits half a minute for the answer.
 */
export async function renameMember(host: string, pid: number): Promise<void> {
  await withDirectClient(host, pid, async (client) => {
    await storedConfig(client).updateOne({ _id: REPLICA_SET }, { $set: { 'members.0.host': host } });
  });
}

function storedConfig(client: MongoClient): Collection<{ _id: string }> {
  // The collection and not replSetGetConfig, which cannot tell "none" from "not loaded yet".
  return client.db('local').collection<{ _id: string }>('system.replset');
}

async function withDirectClient(
  host: string,
  pid: number,
  work: (client: MongoClient) => Promise<void>,
): Promise<void> {
  const client = new MongoClient(`mongodb://${host}/?directConnection=true`, {
    serverSelectionTimeoutMS: 10_000,
    readPreference: 'primaryPreferred',
  });
  try {
    const status = await client.db('admin').command({ serverStatus: 1 });
    // The port was free a moment ago; a server that came first must not be taken for ours.
    if (Number(status['pid']) !== pid) throw new Error(`another MongoDB answers on ${host}`);
    await work(client);
  } finally {
    await client.close();
  }
}
