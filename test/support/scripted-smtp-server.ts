import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** Where a session stands when the server reacts: after the connection, a command, or the end of a message. */
export type Stage = 'CONNECT' | 'EHLO' | 'AUTH' | 'MAIL' | 'RCPT' | 'DATA' | 'MESSAGE';

/** What happens at a stage in place of the usual reply. */
export type Reaction = (socket: Socket) => void;

/** Replies with these lines; a reply of several lines is one string with several. */
export function reply(...lines: readonly string[]): Reaction {
  return (socket) => {
    socket.write(lines.map((line) => `${line}\r\n`).join(''));
  };
}

/** Never answers. */
export const hang: Reaction = () => undefined;

/** Resets the connection, without a word. */
export const reset: Reaction = (socket) => {
  socket.resetAndDestroy();
};

/** Ends the connection in the orderly way, without a word. */
export const closeQuietly: Reaction = (socket) => {
  socket.end();
};

/** A message as its bytes came. */
export interface ReceivedMail {
  readonly from: string;
  readonly to: string;
  /** Names in lower case; folded lines are joined. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface ScriptedSmtpServer {
  readonly port: number;
  /** The messages that came in whole, whatever was answered to them. */
  readonly mails: readonly ReceivedMail[];
  /** The commands that came, without the messages. */
  readonly commands: readonly string[];
  /** How the server reacts at a stage from now on; null: as usual. */
  react(stage: Stage, reaction: Reaction | null): void;
  /** What EHLO offers besides; none at first. */
  offer(...extensions: readonly string[]): void;
  /** Connections that are open. */
  connections(): number;
  /** Connections that were ever opened. */
  opened(): number;
  /** Ends the connections, as a server does with idle ones. */
  dropConnections(): void;
  /** Stops listening: further connections are refused. Those that are open end. */
  refuse(): Promise<void>;
  stop(): Promise<void>;
}

/** An SMTP server on bare sockets, so that a session can be broken at any point. */
export async function startScriptedSmtpServer(): Promise<ScriptedSmtpServer> {
  const mails: ReceivedMail[] = [];
  const commands: string[] = [];
  const sockets = new Set<Socket>();
  const reactions = new Map<Stage, Reaction>();
  let extensions: readonly string[] = [];
  let opened = 0;

  const server = createServer((socket) => {
    opened += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // A client that goes away in the middle is what these tests are about.
    socket.on('error', () => undefined);
    const usually = (stage: Stage, ...lines: readonly string[]): void => {
      (reactions.get(stage) ?? reply(...lines))(socket);
    };
    const session = { from: '', to: '', data: false };

    const take = (line: string): void => {
      commands.push(line);
      const word = line.slice(0, 4).toUpperCase();
      if (word === 'EHLO') usually('EHLO', ...ehloLines(extensions));
      else if (word === 'AUTH') usually('AUTH', '235 in');
      else if (word === 'MAIL') {
        session.from = addressIn(line);
        usually('MAIL', '250 go on');
      } else if (word === 'RCPT') {
        session.to = addressIn(line);
        usually('RCPT', '250 go on');
      } else if (word === 'DATA') {
        session.data = !reactions.has('DATA');
        usually('DATA', '354 go on');
      } else if (word === 'QUIT') {
        socket.end('221 bye\r\n');
      } else if (word === 'RSET' || word === 'NOOP') socket.write('250 fine\r\n');
      else socket.write('502 5.5.1 what?\r\n');
    };

    let buffered = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      buffered += chunk;
      for (;;) {
        const mark = session.data ? '\r\n.\r\n' : '\r\n';
        const end = buffered.indexOf(mark);
        if (end === -1) return;
        const part = buffered.slice(0, end);
        buffered = buffered.slice(end + mark.length);
        if (session.data) {
          session.data = false;
          mails.push({ from: session.from, to: session.to, ...parseMail(part) });
          usually('MESSAGE', `250 2.0.0 Ok: queued as Q${mails.length}`);
        } else take(part);
      }
    });
    usually('CONNECT', '220 scripted ESMTP');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const dropConnections = (): void => {
    for (const socket of sockets) socket.destroy();
  };

  return {
    port,
    mails,
    commands,
    react: (stage, reaction) => {
      if (reaction === null) reactions.delete(stage);
      else reactions.set(stage, reaction);
    },
    offer: (...offered) => {
      extensions = offered;
    },
    connections: () => sockets.size,
    opened: () => opened,
    dropConnections,
    async refuse() {
      dropConnections();
      server.close();
      await once(server, 'close');
    },
    async stop() {
      dropConnections();
      if (!server.listening) return;
      server.close();
      await once(server, 'close');
    },
  };
}

function ehloLines(extensions: readonly string[]): string[] {
  const lines = ['scripted', ...extensions];
  return lines.map((line, index) => `250${index === lines.length - 1 ? ' ' : '-'}${line}`);
}

function addressIn(line: string): string {
  return /<([^>]*)>/.exec(line)?.[1] ?? '';
}

function parseMail(text: string): Pick<ReceivedMail, 'headers' | 'body'> {
  const end = text.indexOf('\r\n\r\n');
  const lines = text
    .slice(0, end)
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return { headers, body: text.slice(end + 4) };
}
