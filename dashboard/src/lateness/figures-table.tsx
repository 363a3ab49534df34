import type { ReactNode } from 'react';
import { durationInWords } from '../words/duration.js';
import { shortTime } from '../words/instant.js';
import { rateInWords } from '../words/rate.js';
import type { LatenessColumns, RateColumns } from './series.js';

interface Props {
  readonly lateness: LatenessColumns;
  readonly rate: RateColumns;
}

/** The same as the plots, in figures, the newest first. */
export function Figures({ lateness, rate }: Props): ReactNode {
  const rates = new Map(rate.at.map((at, i) => [at, rate.bucket[i]]));
  const rows = lateness.at
    .map((at, i) => ({
      at,
      p50: lateness.p50[i],
      p95: lateness.p95[i],
      p99: lateness.p99[i],
      rate: rates.get(at),
    }))
    .filter(({ p99, rate: onTime }) => p99 != null || onTime != null)
    .reverse();
  return (
    <div className="figures-table" tabIndex={0} role="region" aria-label="Lateness in figures">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col">P50</th>
            <th scope="col">P95</th>
            <th scope="col">P99</th>
            <th scope="col">On time</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.at}>
              <th scope="row">{shortTime(row.at * 1_000)}</th>
              <td>{row.p50 == null ? '–' : durationInWords(row.p50)}</td>
              <td>{row.p95 == null ? '–' : durationInWords(row.p95)}</td>
              <td>{row.p99 == null ? '–' : durationInWords(row.p99)}</td>
              <td>{row.rate == null ? '–' : rateInWords(row.rate)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length === 0 && <p className="nothing">Nothing was sent in this time.</p>}
    </div>
  );
}
