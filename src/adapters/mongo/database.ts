import type { EntityManager, EntitySchema, InferEntity } from '@mikro-orm/core';
import { MikroORM } from '@mikro-orm/mongodb';
import type { Binary, ClientSession, Collection, Db, Document, IndexDescription, MongoClient } from 'mongodb';
import { type Database, isDuplicateKey, PunctualError } from '../../core/index.js';

/** How long to look for a server before the start is given up, in ms. */
const FIND_SERVER_MS = 8_000;
/** Lost races after which a transaction is given up; each costs some ms. */
const RACES = 5;

/** An open database. */
export interface OpenDatabase extends Database {
  readonly client: MongoClient;
  close(): Promise<void>;
}

/**
 * Opens MongoDB through MikroORM, and makes collections and indexes. Existing indexes are never dropped.
 * @throws START_MONGODB_UNREACHABLE when it does not answer or is no replica set
 */
export async function openDatabase(
  uri: string,
  name: string,
  entities: readonly EntitySchema[],
): Promise<OpenDatabase> {
  let orm: MikroORM | null = null;
  try {
    orm = await MikroORM.init({
      clientUrl: uri,
      dbName: name,
      entities: [...entities],
      driverOptions: {
        serverSelectionTimeoutMS: FIND_SERVER_MS,
        appName: appNameOf(name),
        maxPoolSize: 60,
        w: 'majority',
        ignoreUndefined: true,
      },
      // The driver's own documents are what the hot paths see: no identity map is shared between requests.
      allowGlobalContext: false,
    });
    const client = orm.em.getDriver().getConnection().getClient();
    await requireReplicaSet(client);
    const database = new MikroDatabase(orm, client);
    await makeIndexes(client.db(name), entities);
    return database;
  } catch (error) {
    await orm?.close(true);
    if (error instanceof PunctualError) throw error;
    throw new PunctualError(
      'START_MONGODB_UNREACHABLE',
      `MongoDB at ${hostsOf(uri)} cannot be used: ${reason(error)}`,
      { cause: error },
    );
  }
}

class MikroDatabase implements OpenDatabase {
  constructor(
    private readonly orm: MikroORM,
    readonly client: MongoClient,
  ) {}

  collection<E extends EntitySchema>(entity: E): Collection<InferEntity<E> & Document> {
    return this.client.db(this.orm.config.get('dbName')).collection(entity.meta.collection);
  }

  em(): EntityManager {
    return this.orm.em.fork();
  }

  async transaction<T>(work: (session: ClientSession) => Promise<T>): Promise<T> {
    for (let race = 1; ; race++) {
      const session = this.client.startSession();
      try {
        return await session.withTransaction(() => work(session), {
          readConcern: { level: 'snapshot' },
          writeConcern: { w: 'majority' },
        });
      } catch (error) {
        // Two writers that make the same tally at the same moment: the loser's upsert is a duplicate, and MongoDB does
        // not call that a lost race although it is one.
        if (race === RACES || !isTallyRace(error)) throw error;
      } finally {
        await session.endSession();
      }
    }
  }

  async endStuckTransactions(olderThanMs: number): Promise<number> {
    const admin = this.client.db('admin');
    // Both commands are permitted to every user for its own sessions.
    const stuck = await admin
      .aggregate<{ lsid: { id: Binary } }>([
        { $currentOp: { allUsers: false, idleSessions: true } },
        {
          $match: {
            type: 'idleSession',
            appName: appNameOf(this.orm.config.get('dbName')),
            'transaction.timeOpenMicros': { $gt: olderThanMs * 1_000 },
          },
        },
        { $project: { 'lsid.id': 1 } },
      ])
      .toArray();
    if (stuck.length > 0) await admin.command({ killSessions: stuck.map(({ lsid }) => ({ id: lsid.id })) });
    return stuck.length;
  }

  async measureClock(): Promise<{ readonly least: number; readonly most: number }> {
    const asked = Date.now();
    const hello = await this.client.db('admin').command({ hello: 1 });
    const answered = Date.now();
    const server = (hello as { localTime: Date }).localTime.getTime();
    // Whole milliseconds, rounded down on both sides: the server's instant may be almost one later.
    return { least: server - answered, most: server + 1 - asked };
  }

  async close(): Promise<void> {
    await this.orm.close(true);
  }
}

/** What the sessions of all processes on a database are known by. */
function appNameOf(database: string): string {
  return `punctual/${database}`;
}

function isTallyRace(error: unknown): boolean {
  return isDuplicateKey(error) && error instanceof Error && error.message.includes('.tallies ');
}

/** Makes what is missing, and fails when one cannot be made: MikroORM's own way would drop and make anew, or be silent. */
async function makeIndexes(db: Db, entities: readonly EntitySchema[]): Promise<void> {
  const existing = new Set((await db.listCollections({}, { nameOnly: true }).toArray()).map((c) => c.name));
  for (const { meta } of entities) {
    // Transactions cannot make a collection at the same moment as another one does.
    if (!existing.has(meta.collection)) await db.createCollection(meta.collection).catch(ifNotThere);
    const indexes = meta.indexes.flatMap(({ options }): IndexDescription[] => {
      if (!Array.isArray(options)) return [];
      const [key, rest] = options as [IndexDescription['key'], Omit<IndexDescription, 'key'>];
      return [{ ...rest, key }];
    });
    if (indexes.length > 0) await db.collection(meta.collection).createIndexes(indexes);
  }
}

/** Two processes that start at once: one makes the collection. */
function ifNotThere(error: unknown): void {
  if ((error as { codeName?: string }).codeName !== 'NamespaceExists') throw error;
}

async function requireReplicaSet(client: MongoClient): Promise<void> {
  const hello: Document = await client.db('admin').command({ hello: 1 });
  if (typeof hello.setName !== 'string' && hello.msg !== 'isdbgrid') {
    throw new PunctualError(
      'START_MONGODB_UNREACHABLE',
      'MONGODB_URI is a standalone server; Punctual needs a replica set (one node is enough) for transactions and change streams',
      { path: 'MONGODB_URI' },
    );
  }
}

/** The hosts of a connection string, without its credentials. */
function hostsOf(uri: string): string {
  return /^mongodb(?:\+srv)?:\/\/(?:[^@/]*@)?([^/?]*)/.exec(uri)?.[1] ?? 'MONGODB_URI';
}

function reason(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
