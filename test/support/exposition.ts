/** What a metric is told with. */
export interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** One line. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const HELP = new RegExp(`^# HELP (${NAME}) (.+)$`);
const TYPE = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram|summary|untyped)$`);
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)$`);
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,(?=.)|$)/;
const NUMBER = /^(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]Inf|NaN)$/;

/**
 * Reads Prometheus's text format 0.0.4, and takes nothing that the format's description or Prometheus's own linter would
 * not: each family in one piece, help and type before its samples, no series twice, histograms that add up.
 * @throws what is wrong, with the line
 */
export function parseExposition(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const families = new Map<string, Family & { samples: Sample[] }>();
  let current: (Family & { samples: Sample[] }) | null = null;
  let help: { readonly name: string; readonly text: string } | null = null;
  for (const line of text.slice(0, -1).split('\n')) {
    const wrong = (what: string): Error => new Error(`${what}: ${line}`);
    if (line === '') continue;
    if (line.startsWith('#')) {
      const [, helped, about] = HELP.exec(line) ?? [];
      const [, name, type] = TYPE.exec(line) ?? [];
      if (helped !== undefined && about !== undefined) help = { name: helped, text: about };
      else if (name !== undefined && type !== undefined) {
        if (families.has(name)) throw wrong('a family in two pieces');
        if (help?.name !== name) throw wrong('a type without its help');
        current = { name, type, help: help.text, samples: [] };
        families.set(name, current);
      } else throw wrong('neither help nor type');
      continue;
    }
    const [, name, labels, value] = SAMPLE.exec(line) ?? [];
    if (name === undefined || value === undefined) throw wrong('no sample');
    if (!NUMBER.test(value)) throw wrong('no number');
    if (!current || !belongs(name, current)) throw wrong('a sample outside its family');
    current.samples.push({ name, labels: readLabels(labels ?? '', wrong), value: numberOf(value) });
  }
  for (const family of families.values()) check(family);
  return families;
}

/** The values of a family by their labels, as `a=1,b=2`. */
export function valuesOf(families: ReadonlyMap<string, Family>, name: string): Map<string, number> {
  const family = families.get(name);
  if (!family) throw new Error(`there is no ${name}`);
  return new Map(family.samples.map((sample) => [keyOf(sample), sample.value]));
}

function readLabels(text: string, wrong: (what: string) => Error): Record<string, string> {
  const labels: Record<string, string> = {};
  for (let rest = text; rest !== '';) {
    const [whole, name, value] = LABEL.exec(rest) ?? [];
    if (whole === undefined || name === undefined || value === undefined) throw wrong('no label');
    if (name in labels) throw wrong('a label twice');
    labels[name] = value.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
    rest = rest.slice(whole.length);
  }
  return labels;
}

function belongs(sample: string, { name, type }: Family): boolean {
  const suffixes = { histogram: ['_bucket', '_sum', '_count'], summary: ['', '_sum', '_count'] }[type] ?? [
    '',
  ];
  return suffixes.some((suffix) => sample === name + suffix);
}

function check(family: Family): void {
  const { name, type, samples } = family;
  const wrong = (what: string): Error => new Error(`${name} ${what}`);
  const keys = samples.map((sample) => `${sample.name}{${keyOf(sample)}}`);
  const twice = keys.find((key, i) => keys.indexOf(key) !== i);
  if (twice !== undefined) throw wrong(`has the series ${twice} twice`);
  if (type === 'counter') {
    if (!name.endsWith('_total')) throw wrong('is a counter and does not end with _total');
    if (samples.some(({ value }) => !(value >= 0))) throw wrong('has a counter below 0');
  } else if (name.endsWith('_total')) throw wrong('is no counter and ends with _total');
  if (type === 'histogram') checkHistogram(family, wrong);
}

function checkHistogram({ name, samples }: Family, wrong: (what: string) => Error): void {
  const series = Map.groupBy(samples, (sample) => keyOf(sample, 'le'));
  for (const [labels, lines] of series) {
    const buckets = lines.filter((line) => line.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels: { le = '' } }) => numberOf(le));
    if (bounds.at(-1) !== Infinity) throw wrong(`{${labels}} does not end with +Inf`);
    if (bounds.some((bound, i) => !(bound > (bounds[i - 1] ?? -Infinity))))
      throw wrong(`{${labels}} has bounds that do not rise`);
    if (buckets.some(({ value }, i) => value < (buckets[i - 1]?.value ?? 0)))
      throw wrong(`{${labels}} has buckets that fall`);
    const [count, sum] = ['_count', '_sum'].map((suffix) =>
      lines.find((line) => line.name === name + suffix),
    );
    if (!sum || count?.value !== buckets.at(-1)?.value) throw wrong(`{${labels}} does not add up`);
  }
}

function keyOf({ labels }: Sample, without?: string): string {
  return Object.entries(labels)
    .filter(([name]) => name !== without)
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join(',');
}

function numberOf(text: string): number {
  return Number(text.replace('Inf', 'Infinity'));
}
