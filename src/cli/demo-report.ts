/** A request that reached the provider, as the sandbox's ledger has it. */
export interface LedgerLine {
  readonly seq: number;
  /** Real time at arrival, in ms since the epoch, with fractions. */
  readonly at: number;
  /** The delivery's key; null where the request carried none. */
  readonly key: string | null;
  readonly answer: string;
  readonly messageId: string | null;
}

/** A delivery as the API has it. */
export interface DeliveryRecord {
  /** Under which the provider sees it. */
  readonly key: string;
  readonly state: string;
  /** In ms since the epoch. */
  readonly dueAt: number;
  readonly attempts: readonly {
    readonly outcome: string;
    readonly messageId: string | null;
    readonly latenessMs: number | null;
  }[];
}

export interface DemoReport {
  readonly planned: number;
  /** Accepted by the provider. */
  readonly sent: number;
  /** Ended without that. */
  readonly failed: number;
  /** Attempts over all deliveries. */
  readonly attempts: number;
  /** Share of the planned that was accepted within the target lateness. */
  readonly onTimeRate: number;
  /** Of those accepted, in ms; null when there are none. */
  readonly lateness: {
    readonly p50: number;
    readonly p95: number;
    readonly p99: number;
    readonly max: number;
  } | null;
  /** What the provider's own ledger says. */
  readonly provider: {
    readonly requests: number;
    readonly accepted: number;
    readonly throttled: number;
    readonly errors: number;
    /** The most requests in any sliding second. */
    readonly busiestSecond: number;
    readonly limitPerSecond: number;
  };
  /** Requests that arrived before their delivery was due. */
  readonly early: number;
  /** Deliveries that the provider accepted more than once, without an attempt that says so. */
  readonly twice: number;
  /** Deliveries that have neither been accepted nor ended. */
  readonly lost: number;
  /** Deliveries for which the database and the ledger differ. */
  readonly disagreements: number;
  /** One sentence for each promise that was broken; empty when all were kept. */
  readonly broken: readonly string[];
}

export interface Evidence {
  readonly deliveries: readonly DeliveryRecord[];
  /** All requests that the provider has had since the demo began, also those of others, in order of arrival. */
  readonly ledger: readonly LedgerLine[];
  readonly planned: number;
  readonly limitPerSecond: number;
  readonly targetLatenessMs: number;
}

const ACCEPTED = new Set(['SENT', 'DELIVERED', 'READ', 'RESPONDED']);
const ENDED = new Set(['FAILED', 'DEAD_LETTERED', 'CANCELLED', 'MISSED']);

/** Holds the database against the provider's own ledger, delivery by delivery, and says what was promised and not kept. */
export function report({
  deliveries,
  ledger,
  planned,
  limitPerSecond,
  targetLatenessMs,
}: Evidence): DemoReport {
  const linesByKey = Map.groupBy(ledger, ({ key }) => key);
  const each = deliveries.map((delivery) => compare(delivery, linesByKey.get(delivery.key) ?? []));
  const latenesses = each
    .flatMap(({ latenessMs }) => (latenessMs === null ? [] : [latenessMs]))
    .sort((a, b) => a - b);
  const keys = new Set(deliveries.map(({ key }) => key));
  const ours = ledger.filter(({ key }) => key !== null && keys.has(key));
  const figures = {
    planned,
    sent: deliveries.filter(({ state }) => ACCEPTED.has(state)).length,
    failed: deliveries.filter(({ state }) => ENDED.has(state)).length,
    attempts: sum(deliveries, ({ attempts }) => attempts.length),
    onTimeRate: planned === 0 ? 0 : latenesses.filter((ms) => ms <= targetLatenessMs).length / planned,
    lateness: spread(latenesses),
    provider: {
      requests: ours.length,
      accepted: ours.filter(({ answer }) => answer === 'ACCEPTED').length,
      throttled: ours.filter(({ answer }) => answer === 'THROTTLED').length,
      errors: ours.filter(({ answer }) => answer === 'ERROR').length,
      busiestSecond: busiestSecond(ledger.map(({ at }) => at)),
      limitPerSecond,
    },
    early: sum(each, ({ early }) => early),
    twice: each.filter(({ twice }) => twice).length,
    lost: planned - deliveries.filter(({ state }) => ACCEPTED.has(state) || ENDED.has(state)).length,
    disagreements: each.filter(({ agrees }) => !agrees).length,
  };
  return { ...figures, broken: brokenPromises(figures) };
}

function compare(delivery: DeliveryRecord, lines: readonly LedgerLine[]) {
  const acceptedThere = lines.filter(({ answer }) => answer === 'ACCEPTED').map(({ messageId }) => messageId);
  const acceptedHere = delivery.attempts.filter(({ outcome }) => outcome === 'ACCEPTED');
  const unknown = delivery.attempts.filter(({ outcome }) => outcome === 'UNKNOWN').length;
  return {
    latenessMs: acceptedHere[0]?.latenessMs ?? null,
    early: lines.filter(({ at }) => at < delivery.dueAt).length,
    // Where no answer came back, the attempt says UNKNOWN, and the next one may be a second message: that is declared.
    twice: acceptedThere.length > 1 + unknown,
    agrees:
      lines.length === delivery.attempts.length &&
      (unknown > 0 || acceptedThere.length === acceptedHere.length) &&
      acceptedHere.every(({ messageId }) => acceptedThere.includes(messageId)),
  };
}

function brokenPromises({ provider, ...figures }: Omit<DemoReport, 'broken'>): string[] {
  const promises: [boolean, string][] = [
    [
      provider.busiestSecond > provider.limitPerSecond,
      `${provider.busiestSecond} requests in one second, above the limit of ${provider.limitPerSecond}`,
    ],
    [figures.early > 0, `${figures.early} requests before their due instant`],
    [figures.twice > 0, `${figures.twice} deliveries accepted twice`],
    [figures.lost > 0, `${figures.lost} deliveries lost: neither accepted nor ended`],
    [
      figures.disagreements > 0,
      `${figures.disagreements} deliveries of which the database and the ledger differ`,
    ],
  ];
  return promises.filter(([broken]) => broken).map(([, sentence]) => sentence);
}

/** The most instants (ms) that any half-open second holds. */
export function busiestSecond(instants: readonly number[]): number {
  const sorted = [...instants].sort((a, b) => a - b);
  let busiest = 0;
  let first = 0;
  for (const [last, at] of sorted.entries()) {
    while (at - (sorted[first] ?? at) >= 1000) first += 1;
    busiest = Math.max(busiest, last - first + 1);
  }
  return busiest;
}

/** Nearest-rank percentiles of ascending values. */
function spread(sorted: readonly number[]): DemoReport['lateness'] {
  const rank = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return sorted.length === 0 ? null : { p50: rank(0.5), p95: rank(0.95), p99: rank(0.99), max: rank(1) };
}

function sum<T>(items: readonly T[], amount: (item: T) => number): number {
  return items.reduce((total, item) => total + amount(item), 0);
}

/** The report for people, one line a row. */
export function reportLines(r: DemoReport): string[] {
  const ms = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`;
  const lateness = r.lateness;
  const rows: [string, string][] = [
    ['planned', String(r.planned)],
    ['sent', `${r.sent}, in ${r.attempts} attempts${r.failed > 0 ? `; ${r.failed} failed` : ''}`],
    ['on time', `${(r.onTimeRate * 100).toFixed(2)} %`],
    [
      'lateness',
      lateness === null
        ? 'none was accepted'
        : `P50 ${ms(lateness.p50)}, P95 ${ms(lateness.p95)}, P99 ${ms(lateness.p99)}, most ${ms(lateness.max)}`,
    ],
    [
      'the provider says',
      `${r.provider.accepted} accepted of ${r.provider.requests} requests (${r.provider.throttled} throttled, ${r.provider.errors} errors)`,
    ],
    ['busiest second', `${r.provider.busiestSecond} of ${r.provider.limitPerSecond} allowed`],
    ['early, twice, lost', `${r.early}, ${r.twice}, ${r.lost}`],
    [
      'database and ledger',
      r.disagreements === 0 ? 'agree, line by line' : `differ in ${r.disagreements} deliveries`,
    ],
  ];
  const verdict =
    r.broken.length === 0 ? ['Every promise was kept.'] : r.broken.map((sentence) => `BROKEN: ${sentence}`);
  return [...rows.map(([name, value]) => `  ${name.padEnd(21)}${value}`), ...verdict];
}
