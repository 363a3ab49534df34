import { describe, expect, it } from '@jest/globals';
import { SandboxMailbox } from '../../src/adapters/sandbox/mailbox.js';

async function linesOf(mailbox: SandboxMailbox, after: number): Promise<{ seq: number; subject: string }[]> {
  const lines = [];
  for await (const line of mailbox.read(after))
    lines.push(JSON.parse(line) as { seq: number; subject: string });
  return lines;
}

function fill(count: number, padding = ''): SandboxMailbox {
  const mailbox = new SandboxMailbox();
  for (let seq = 1; seq <= count; seq += 1) {
    const raw = Buffer.from(`Subject: mail ${seq}\r\n\r\n${padding}\r\n`);
    mailbox.keep({ seq, at: 0, from: 'a@example.org', to: 'b@example.org', key: null, messageId: 'm', raw });
  }
  return mailbox;
}

describe("the sandbox's mailbox", () => {
  it('keeps the newest thousand', async () => {
    const kept = await linesOf(fill(1_005), 0);
    expect(kept.map(({ seq }) => seq)).toEqual(Array.from({ length: 1_000 }, (_, n) => n + 6));
    expect(kept[0]).toMatchObject({ subject: 'mail 6' });
  });

  it('keeps no more than 16 MB', async () => {
    const kept = await linesOf(fill(20, 'x'.repeat(1024 * 1024)), 0);
    expect(kept.map(({ seq }) => seq)).toEqual(Array.from({ length: 15 }, (_, n) => n + 6));
  });

  it('goes on after a line, and forgets everything when it is told to', async () => {
    const mailbox = fill(3);
    expect(await linesOf(mailbox, 2)).toMatchObject([{ seq: 3 }]);
    mailbox.clear();
    expect(await linesOf(mailbox, 0)).toEqual([]);
  });
});
