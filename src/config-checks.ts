import { isLoopback } from './config-jwt.js';
import type { Values, VariableName } from './config-schema.js';
import { invalid } from './config-sources.js';
import type { SlaPolicy } from './core/delivery/sla-policy.js';

/** The service level over everything, and those of parts. */
type ServiceLevels = Pick<SlaPolicy, 'target' | 'windowMs'> & { readonly policies: readonly SlaPolicy[] };

/** What no variable can tell on its own. @throws CONFIG_INVALID */
export function checkTogether(values: Values, sla: ServiceLevels): void {
  checkPorts(values);
  checkSla(sla);
  if (values.WORKER_HEARTBEAT * 3 > values.WORKER_LEASE) {
    throw invalid(
      `WORKER_HEARTBEAT: ${values.WORKER_HEARTBEAT} ms is above a third of WORKER_LEASE; expected at most ${Math.floor(values.WORKER_LEASE / 3)} ms, so that two lost heartbeats cost nothing`,
    );
  }
  if (values.NODE_ENV === 'production' && values.WEBHOOK_ALLOW_PRIVATE === true) {
    throw invalid('WEBHOOK_ALLOW_PRIVATE: true is refused in production; expected false, or none');
  }
  if (values.ALERT_WEBHOOK !== null) checkNeeded(values, 'ALERT_WEBHOOK', ['WEBHOOK_SECRET']);
  const real: string[] = [];
  if (!isSandbox(values.WHATSAPP_BASE_URL, values.SANDBOX_PORT)) {
    real.push('WHATSAPP_BASE_URL');
    checkNeeded(values, 'WHATSAPP_BASE_URL', [
      'WHATSAPP_ACCESS_TOKEN',
      'WHATSAPP_PHONE_NUMBER_ID',
      'WHATSAPP_APP_SECRET',
    ]);
  }
  if (!isSandbox(values.SMTP_URL, values.SANDBOX_SMTP_PORT)) {
    real.push('SMTP_URL');
    checkNeeded(values, 'SMTP_URL', ['SMTP_FROM']);
  }
  if (values.PUNCTUAL_CLOCK !== null && real[0] !== undefined) {
    throw invalid(
      `PUNCTUAL_CLOCK: a virtual clock would send real messages at wrong times; expected none, because ${real[0]} is not the sandbox`,
    );
  }
}

function checkSla(sla: ServiceLevels): void {
  for (const [name, policy] of [
    ['SLA_TARGET', sla] as const,
    ...sla.policies.map((p) => ['SLA_POLICIES', p] as const),
  ]) {
    if (policy.target >= 1)
      throw invalid(`${name}: a target of 1 leaves no room for one that is late; expected one below 1`);
    if (policy.windowMs % 1_000 !== 0)
      throw invalid(`${name}: a window of ${policy.windowMs} ms; expected whole seconds`);
  }
}

function checkPorts(values: Values): void {
  const ports = ['PORT', 'SANDBOX_PORT', 'SANDBOX_SMTP_PORT'] as const;
  for (const [index, name] of ports.entries()) {
    const same = ports.slice(0, index).find((other) => values[other] === values[name] && values[name] !== 0);
    if (same !== undefined) throw invalid(`${name}: ${values[name]} is ${same} too; expected another port`);
  }
}

function checkNeeded(values: Values, because: VariableName, names: readonly VariableName[]): void {
  for (const name of names) {
    if (values[name] === null)
      throw invalid(`${name}: is missing; expected a value, because ${because} is set`);
  }
}

/** The sandbox of this machine may be named too, for workers that run apart from it. */
function isSandbox(providerUrl: string | null, sandboxPort: number): boolean {
  if (providerUrl === null) return true;
  return isLoopback(providerUrl) && Number(new URL(providerUrl).port) === sandboxPort;
}

/** What is odd but no reason not to start, one line for each. */
export function oddities(values: Values): string[] {
  const lines: string[] = [];
  if (values.WHATSAPP_BASE_URL === null && values.WHATSAPP_ACCESS_TOKEN !== null) {
    lines.push('WHATSAPP_ACCESS_TOKEN is set but WHATSAPP_BASE_URL is not: messages go to the sandbox');
  }
  if (values.SMTP_URL === null && values.ALERT_EMAIL !== null) {
    lines.push('ALERT_EMAIL is set but SMTP_URL is not: mails about alerts go to the sandbox');
  }
  if (values.REDIS_URL !== null && values.REDIS_HOST !== null) {
    lines.push('REDIS_HOST is not used, because REDIS_URL is set');
  }
  if (values.WORKER_LEASE + values.WORKER_SWEEP > 30_000) {
    lines.push(
      'WORKER_LEASE and WORKER_SWEEP together are above 30 s: a dead worker’s deliveries wait longer than promised',
    );
  }
  return lines;
}
