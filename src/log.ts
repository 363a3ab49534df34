import type { Logger } from 'pino';
import { pino, stdTimeFunctions } from 'pino';
import type { Config } from './config.js';
import { redact } from './log-redaction.js';

/** The log of the process. */
export type Log = Logger;

/** Where lines go; `isTTY` says whether a person reads them. */
export interface LogStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/**
 * The log of the process: JSON lines, or one line for people on a terminal outside production. Secrets and
 * addresses are masked in every line, whoever wrote it (SEC-7).
 *
 * @param stream omitted: stderr, because stdout belongs to what a command answers
 */
export function createLog(config: Config, stream: LogStream = process.stderr): Log {
  const forPeople = stream.isTTY === true && !config.production;
  const secrets = secretsOf(config);
  return pino(
    {
      level: config.logLevel,
      base: { pid: process.pid },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    {
      // The JSON is masked, and not the line for people: fields are known by their names.
      write: (line: string) => {
        const masked = redact(line, secrets);
        return stream.write(forPeople ? humanLine(masked) : masked);
      },
    },
  );
}

/** Values that must not appear wherever they come from; what is short enough to be a common word is left. */
function secretsOf({ whatsapp, webhook, cli, jwt }: Config): string[] {
  const jwtSecret = jwt && 'secret' in jwt.keys ? jwt.keys.secret : null;
  const values = [
    ...[whatsapp.accessToken, whatsapp.appSecret, whatsapp.verifyToken],
    ...[...webhook.secrets, cli.apiKey, jwtSecret],
  ];
  return values.filter((value): value is string => value !== null && value.length >= 12);
}

/** `10:00:00.123 WARN  Redis is lost retryInMs=500`. An error's stack follows where the line is an error. */
function humanLine(json: string): string {
  const line = JSON.parse(json) as Record<string, unknown>;
  const { level, time, msg, err, pid: _, ...rest } = line;
  const fields = Object.entries(rest).map(([name, value]) => `${name}=${plain(value)}`);
  const error = typeof err === 'object' && err !== null ? (err as Record<string, unknown>) : null;
  if (error !== null)
    fields.push(`error=${plain(error['code'] ?? error['type'])}: ${plain(error['message'])}`);
  const stack =
    error !== null && (level === 'error' || level === 'fatal') ? `\n${plain(error['stack'])}` : '';
  const head = `${plain(time).slice(11, 23)} ${plain(level).toUpperCase().padEnd(5)} ${plain(msg)}`;
  return `${[head, ...fields].join(' ')}${stack}\n`;
}

function plain(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
