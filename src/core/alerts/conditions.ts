import type { HealthReason } from '../health/reason.js';
import type { SlaReport } from '../sla/monitor.js';
import type { Standing } from '../sla/standing.js';
import { severityOf } from '../sla/violations.js';
import type { Condition } from './alerts.js';

/** What is wrong now, one condition for each thing that somebody can do something about (CORE-42). */
export function conditionsOf(report: SlaReport, reasons: readonly HealthReason[]): Condition[] {
  return [...report.standings.flatMap(ofStanding), ...reasons.map(ofReason)];
}

function ofStanding({
  policy,
  status,
  rate,
  good,
  bad,
  overdue,
  expectedMisses,
  finish,
  reasons,
}: Standing): Condition[] {
  const about = {
    source: 'sla',
    message: policy.name === 'default' ? reasons.join(' ') : `${policy.name}: ${reasons.join(' ')}`,
  };
  const figures = {
    rate,
    target: policy.target,
    good,
    bad,
    overdue,
    expectedMisses,
    finish: finish === null ? null : new Date(finish).toISOString(),
  };
  if (status === 'LATE') {
    const isBelow = rate !== null && rate < policy.target;
    const severity = isBelow ? severityOf(policy, rate) : 'WARNING';
    return [{ key: `sla.late|${policy.name}`, severity, figures, ...about }];
  }
  if (status === 'AT_RISK')
    return [{ key: `sla.at_risk|${policy.name}`, severity: 'WARNING', figures, ...about }];
  return [];
}

function ofReason({ code, subject, severity, message, figures }: HealthReason): Condition {
  const key = `health.${code.toLowerCase()}|${subject ?? ''}`;
  return { key, severity, source: 'health', message, figures: { ...figures } };
}
