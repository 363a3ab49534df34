import { randomInt } from 'node:crypto';
import type { Collection } from 'mongodb';
import type { Attempt, DeliveryDoc } from '../src/core/index.js';
import type { AttemptDoc } from '../src/core/index.js';
import type { Benchmark, BenchmarkContext, Report, Wanted } from './support/benchmark.js';
import { startChild } from './support/child.js';
import { createEngine } from './support/engine.js';
import type { EngineInput, EngineSaid } from './support/engine-process.js';
import { createInstantChannel } from './support/instant-channel.js';
import type { MongoServer } from './support/servers.js';
import { ascending, quantile } from './support/statistics.js';
import { unlimited } from './support/unlimited.js';
import { acceptAll, deliveryNumber, QUEUE } from './support/work.js';

/** What is due when. */
interface Load {
  readonly name: string;
  /** From the acceptance to the first due instant, in ms: long enough that an alarm stands for each. */
  readonly leadMs: number;
  readonly spreadMs: number;
  readonly wantedP99Ms: number;
}

const LOADS: readonly Load[] = [
  { name: 'at one instant', leadMs: 10_000, spreadMs: 0, wantedP99Ms: 100 },
  { name: 'spread over 60 s', leadMs: 5_000, spreadMs: 60_000, wantedP99Ms: 20 },
];

/** After the last due instant, everything is to have been sent within this time, in ms. */
const LATEST_MS = 120_000;
/** The longest that a worker may take to be up, in ms. */
const START_MS = 60_000;
