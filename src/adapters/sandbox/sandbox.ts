import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PunctualError } from '../../core/errors.js';
import { arrivalTime } from './arrival-clock.js';
import { checkTarget, control, CONTROL_PREFIX, type Controlled } from './control.js';
import { serve, type Exchange } from './exchange.js';
import { Gate } from './gate.js';
import { sendJson } from './http-body.js';
import { Ledger } from './ledger.js';
import { SandboxMailbox } from './mailbox.js';
import { Pauses } from './pauses.js';
import type { HttpProtocol } from './protocol.js';
import { EMAIL_CHANNEL, EMAIL_DEFAULTS, SandboxSmtp } from './smtp.js';
import { StatusCallbacks } from './status-callbacks.js';
import { webhookReceiver } from './webhook-receiver.js';
import { whatsAppCloudApi } from './whatsapp.js';
import { formatWhatsApp, reportWhatsApp, type WhatsAppEvent } from './whatsapp-statuses.js';

/** An idle connection is kept so long, in milliseconds: a worker's pool is not to open new ones between waves. */
const KEEP_ALIVE_MS = 120_000;

/** A request that has not come in whole by then is ended. `SlidingSecond` counts on it. */
const REQUEST_TIMEOUT_MS = 30_000;

export interface SandboxOptions {
  /** TCP port of the HTTP providers; 0 takes a free one. */
  readonly port: number;
  /** Likewise, of the mail server; when omitted, a free one. */
  readonly smtpPort?: number;
  /** When omitted, 127.0.0.1. */
  readonly host?: string;
  /** Where each channel's events are sent back; when omitted, nowhere until `PUT /_sandbox/callbacks/CHANNEL`. */
  readonly webhooks?: { readonly whatsapp?: { readonly url: string; readonly appSecret: string } };
  /** The access token that each channel takes as the only one; when omitted, any that is not `invalid`. */
  readonly accessTokens?: { readonly whatsapp?: string };
  /** A file that the ledger is appended to as well; when omitted, it is in memory only. */
  readonly ledgerFile?: string;
  /** Told of errors that no request can be answered for; when omitted, they become process warnings. */
  readonly onError?: (error: unknown) => void;
}

/** A sandbox that is up. */
export interface Sandbox {
  /** Base URL without a slash at the end: what the adapters get in place of the provider's. */
  readonly url: string;
  readonly port: number;
  /** The mail server, as nodemailer takes it. */
  readonly smtpUrl: string;
  /** Cuts every connection, hung ones too, lets go of webhooks that wait, and frees the ports. */
  stop(): Promise<void>;
}

/**
 * Starts the providers that can be watched and broken (spec/outside.md, "The sandbox").
 *
 * @throws PunctualError `START_PORT_TAKEN`, or `VALIDATION_ERROR` for a webhook target that cannot be.
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const onError =
    options.onError ?? ((error) => process.emitWarning(error instanceof Error ? error : String(error)));
  const hook = options.webhooks?.whatsapp;
  const whatsAppTarget = hook && checkTarget(hook.url, hook.appSecret);
  const ledger = new Ledger(options.ledgerFile, onError);
  const pauses = new Pauses();

  const whatsAppCallbacks = new StatusCallbacks<WhatsAppEvent>(formatWhatsApp, whatsAppTarget);
  const whatsApp: HttpProtocol = whatsAppCloudApi({
    accessToken: options.accessTokens?.whatsapp,
    onAccepted: (message) => reportWhatsApp(whatsAppCallbacks, gateOf(whatsApp), message),
  });
  const protocols = [whatsApp, webhookReceiver()];
  const callbacks = new Map([['whatsapp', whatsAppCallbacks]]);

  const exchanges = protocols.map((protocol): Exchange => ({
    protocol,
    gate: new Gate(protocol.defaults),
    ledger,
    pauses,
    onError,
  }));
  const emailGate = new Gate(EMAIL_DEFAULTS);
  const mailbox = new SandboxMailbox();
  const smtp = new SandboxSmtp({ gate: emailGate, ledger, pauses, mailbox, onError });
  const gates = new Map([
    ...exchanges.map(({ protocol, gate }) => [protocol.channel, gate] as const),
    [EMAIL_CHANNEL, emailGate] as const,
  ]);
  function gateOf({ channel }: HttpProtocol): Gate {
    return gates.get(channel) as Gate;
  }

  const server = createServer(
    {
      keepAliveTimeout: KEEP_ALIVE_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: 5_000,
    },
    listener(exchanges, { ledger, gates, callbacks, mailbox }, onError),
  );
  const { host = '127.0.0.1', smtpPort: wantedSmtpPort = 0 } = options;
  const stopHttp = async (): Promise<void> => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  const started: (() => Promise<void>)[] = [() => ledger.close()];
  try {
    const port = await listening('SANDBOX_PORT', options.port, host, () =>
      listen(server, options.port, host),
    );
    started.unshift(stopHttp);
    const smtpPort = await listening('SANDBOX_SMTP_PORT', wantedSmtpPort, host, () =>
      smtp.listen(wantedSmtpPort, host),
    );
    return {
      url: `http://${urlHost(host)}:${port}`,
      port,
      smtpUrl: `smtp://${urlHost(host)}:${smtpPort}`,
      async stop() {
        pauses.clear();
        await Promise.all([stopHttp(), smtp.stop(), ...[...callbacks.values()].map((queue) => queue.stop())]);
        await ledger.close();
      },
    };
  } catch (error) {
    for (const stop of started) await stop();
    throw error;
  }
}

function listener(
  exchanges: readonly Exchange[],
  controlled: Controlled,
  onError: (error: unknown) => void,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    const at = arrivalTime(); // First of all, before anything costs time.
    const { url = '/', method = 'GET' } = request;
    const query = url.indexOf('?');
    const path = query === -1 ? url : url.slice(0, query);
    for (const exchange of exchanges) {
      if (!exchange.protocol.claims(method, path)) continue;
      serve(exchange, request, response, at);
      return;
    }
    if (!path.startsWith(CONTROL_PREFIX)) {
      request.resume();
      sendJson(response, 404, {
        code: 'NOT_FOUND',
        path,
        message: 'no provider of the sandbox has this path',
      });
      return;
    }
    control(controlled, request, response).catch((error: unknown) => {
      // A reader of the ledger who goes away in the middle of it is no error of ours.
      if (hasCode(error, 'ERR_STREAM_PREMATURE_CLOSE')) return;
      onError(error);
      if (response.headersSent) response.destroy();
      else sendJson(response, 500, { code: 'INTERNAL_ERROR', path, message: 'the sandbox failed' });
    });
  };
}

async function listen(server: Server, port: number, host: string): Promise<number> {
  server.listen(port, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** @throws PunctualError `START_PORT_TAKEN` that names the variable which says the port */
async function listening(
  variable: 'SANDBOX_PORT' | 'SANDBOX_SMTP_PORT',
  port: number,
  host: string,
  start: () => Promise<number>,
): Promise<number> {
  try {
    return await start();
  } catch (cause) {
    if (!hasCode(cause, 'EADDRINUSE')) throw cause;
    const message = `port ${port} of ${host} is in use; set ${variable} to another one`;
    throw new PunctualError('START_PORT_TAKEN', message, { path: variable, cause });
  }
}

function hasCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}

/** How a client on this machine reaches `host`: a wildcard is no address to connect to, and IPv6 goes in brackets. */
function urlHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
