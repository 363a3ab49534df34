import { describe, expect, it } from '@jest/globals';

import { FetchProgressBars } from '../../src/cli/fetch-progress.js';
import { ProgressBar } from '../../src/cli/progress-bar.js';

/** A stream that keeps what is written, and a clock that goes only when told. */
function bench(isTTY: boolean, columns = 80) {
  const written: string[] = [];
  const time = { ms: 0 };
  const stream = { isTTY, columns, write: (text: string) => written.push(text) };
  return { written, time, stream, nowMs: () => time.ms };
}

describe('the progress bar', () => {
  it('draws over itself on a terminal, at most ten times a second, and ends with the last figures', () => {
    const { written, time, stream, nowMs } = bench(true);
    const bar = new ProgressBar({ label: 'Wave', stream, nowMs });
    bar.update(0, 2000);
    time.ms = 50;
    bar.update(500, 2000);
    time.ms = 100;
    bar.update(1000, 2000, '2 failed');
    bar.update(1001, 2000);
    bar.end();
    bar.end();
    expect(written).toEqual([
      `\r\u001b[KWave [${' '.repeat(30)}]   0 % 0 of 2000`,
      `\r\u001b[KWave [${'='.repeat(15)}${' '.repeat(15)}]  50 % 1000 of 2000 2 failed`,
      `\r\u001b[KWave [${'='.repeat(15)}${' '.repeat(15)}]  50 % 1001 of 2000`,
      '\n',
    ]);
  });

  it('never wraps a line, because it could not be drawn over then', () => {
    const { written, stream, nowMs } = bench(true, 20);
    new ProgressBar({ label: 'A rather long label', stream, nowMs }).update(1, 2);
    expect(written).toEqual(['\r\u001b[KA rather long label']);
  });

  it('writes a line for each tenth without a terminal, and one after a long silence', () => {
    const { written, time, stream, nowMs } = bench(false);
    const bar = new ProgressBar({ label: 'Wave', stream, nowMs });
    for (let done = 0; done <= 20; done += 1) bar.update(done, 100);
    time.ms = 10_000;
    bar.update(20, 100);
    bar.update(21, 100);
    bar.end();
    expect(written).toEqual([
      'Wave   0 % 0 of 100\n',
      'Wave  10 % 10 of 100\n',
      'Wave  20 % 20 of 100\n',
      'Wave  21 % 21 of 100\n',
    ]);
  });

  it('shows amounts without a total, and a total of nothing', () => {
    const { written, stream, nowMs } = bench(false);
    new ProgressBar({ label: 'A', stream, nowMs }).update(3, null);
    new ProgressBar({ label: 'B', stream, nowMs }).update(0, 0);
    expect(written).toEqual(['A 3\n', 'B 0 of 0\n']);
  });

  it('has one bar for each thing that is fetched, never beyond its whole', () => {
    const { written, stream } = bench(false);
    const bars = new FetchProgressBars(stream);
    bars.update({ what: 'MongoDB', receivedBytes: 0, totalBytes: 42_000_000 });
    bars.update({ what: 'MongoDB', receivedBytes: 99_000_000, totalBytes: 42_000_000 });
    bars.update({ what: 'Redis', receivedBytes: 1_000_000 });
    bars.end();
    expect(written).toEqual([
      'Fetching MongoDB   0 % 0.0 MB of 42.0 MB\n',
      'Fetching MongoDB 100 % 42.0 MB of 42.0 MB\n',
      'Fetching Redis 1.0 MB\n',
    ]);
  });
});
