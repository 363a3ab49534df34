import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type {
  Channel,
  Content,
  ErrorClass,
  OutgoingMessage,
  SendResult,
} from '../../src/core/channel/channel.js';
import { until } from './until.js';

/** How a provider is to behave. */
export type ProviderBehaviour =
  | { readonly kind: 'ACCEPT' }
  | { readonly kind: 'STATUS'; readonly status: number; readonly retryAfterSeconds?: number }
  | { readonly kind: 'HANG' }
  /** Resets each connection once a request has come in over it. */
  | { readonly kind: 'RESET_AFTER_REQUEST' }
  /** Resets each connection as soon as it is there. */
  | { readonly kind: 'RESET_ON_CONNECT' }
  /** Takes no connections any more. */
  | { readonly kind: 'REFUSE' };

/** A channel, and the provider that it talks to. */
export interface ChannelSubject {
  readonly channel: Channel;
  /** An address that the provider takes, in the channel's form. */
  readonly to: string;
  readonly content: Content;
  /** The parts of `to` that tell who it is, which no message may hold. */
  readonly secretParts: readonly string[];
  behave(behaviour: ProviderBehaviour): Promise<void>;
  /** The keys of the requests so far, in the order of their arrival. */
  keys(): Promise<readonly (string | null)[]>;
  /** Connections from the channel that are open; when absent, the provider does not tell. */
  connections?(): number;
  /** Ends the provider. The suite closes the channel. */
  stop(): Promise<void>;
}

/** The provider's statuses, by what they mean. */
export interface ProviderStatuses {
  readonly throttled: number;
  /** Whether it says when to come back. */
  readonly retryAfter: boolean;
  readonly retryable: readonly number[];
  readonly permanent: readonly number[];
  readonly unauthorised: number;
}

export const HTTP_STATUSES: ProviderStatuses = {
  throttled: 429,
  retryAfter: true,
  retryable: [500, 502, 503, 504],
  permanent: [400, 404],
  unauthorised: 401,
};

/** What is particular to a channel. */
export interface ChannelTraits {
  readonly behaviours: readonly ProviderBehaviour['kind'][];
  readonly statuses: ProviderStatuses;
  /** Whether the provider gives messages an id. */
  readonly messageIds: boolean;
  /** What refused credentials mean: PERMANENT where each recipient is a party of its own. */
  readonly unauthorised: ErrorClass;
  readonly badAddresses: readonly string[];
  /** What people write, and the channel's form of it. */
  readonly goodAddresses: readonly (readonly [string, string])[];
  readonly badContents: readonly Content[];
}

const KEY = '65f000000000000000000001';

/** What every channel adapter has to do: the engine knows nothing else of them. */
export function channelContract(
  name: string,
  traits: ChannelTraits,
  makeSubject: () => Promise<ChannelSubject>,
): void {
  describe(`channel contract: ${name}`, () => {
    let subject: ChannelSubject;

    beforeEach(async () => {
      subject = await makeSubject();
    });
    afterEach(async () => {
      await subject.channel.close();
      await subject.stop();
    });

    const message = (attempt = 1): OutgoingMessage => ({
      key: KEY,
      to: subject.to,
      content: subject.content,
      attempt,
    });
    const send = (attempt = 1, signal = new AbortController().signal): Promise<SendResult> =>
      subject.channel.send(message(attempt), signal);
    const refused = (result: SendResult): Extract<SendResult, { outcome: 'REFUSED' }> => {
      if (result.outcome !== 'REFUSED') throw new Error(`was ${result.outcome}, not REFUSED`);
      expect(result.message).not.toBe('');
      for (const part of subject.secretParts) expect(result.message).not.toContain(part);
      return result;
    };
    /** A test that needs a provider which can behave like this. */
    const given = (kind: ProviderBehaviour['kind'], title: string, test: () => Promise<void>): void => {
      if (traits.behaviours.includes(kind)) it(title, test);
    };

    it('CORE-29 an accepted message carries its key, the same in every attempt', async () => {
      const first = await send(1);
      const second = await send(2);
      for (const result of [first, second]) {
        expect(result).toEqual({
          outcome: 'ACCEPTED',
          messageId: traits.messageIds ? expect.any(String) : null,
        });
      }
      expect(await subject.keys()).toEqual([KEY, KEY]);
    });

    const { throttled, retryAfter, retryable, permanent, unauthorised } = traits.statuses;

    given('STATUS', `CORE-24 ${throttled} is THROTTLED, and a Retry-After is passed on`, async () => {
      await subject.behave({ kind: 'STATUS', status: throttled, retryAfterSeconds: 7 });
      expect(refused(await send())).toMatchObject({
        errorClass: 'THROTTLED',
        ...(retryAfter && { retryAfterMs: 7000 }),
      });
    });

    for (const status of retryable) {
      given('STATUS', `CORE-24 ${status} is RETRYABLE`, async () => {
        await subject.behave({ kind: 'STATUS', status });
        expect(refused(await send())).toMatchObject({ errorClass: 'RETRYABLE' });
      });
    }

    for (const status of permanent) {
      given('STATUS', `CORE-24 ${status} is PERMANENT`, async () => {
        await subject.behave({ kind: 'STATUS', status });
        expect(refused(await send())).toMatchObject({ errorClass: 'PERMANENT' });
      });
    }

    given('STATUS', `CORE-24 ${unauthorised} is ${traits.unauthorised}`, async () => {
      await subject.behave({ kind: 'STATUS', status: unauthorised });
      expect(refused(await send())).toMatchObject({ errorClass: traits.unauthorised });
    });

    given('HANG', 'CORE-29 a provider that does not answer is UNKNOWN when the time is up', async () => {
      await subject.behave({ kind: 'HANG' });
      const time = new AbortController();
      const sending = send(1, time.signal);
      await until(async () => (await subject.keys()).length === 1);
      time.abort();
      expect(refused(await sending)).toMatchObject({ errorClass: 'UNKNOWN', code: 'ETIMEDOUT' });
    });

    it('CORE-29 time that was up before is RETRYABLE, and nothing is sent', async () => {
      expect(refused(await send(1, AbortSignal.abort()))).toMatchObject({ errorClass: 'RETRYABLE' });
      expect(await subject.keys()).toEqual([]);
    });

    given('RESET_AFTER_REQUEST', 'CORE-29 a connection reset in place of the answer is UNKNOWN', async () => {
      await subject.behave({ kind: 'RESET_AFTER_REQUEST' });
      expect(refused(await send())).toMatchObject({ errorClass: 'UNKNOWN' });
    });

    given('RESET_ON_CONNECT', 'CORE-29 one reset at once is never taken for an answer', async () => {
      await subject.behave({ kind: 'RESET_ON_CONNECT' });
      // Which of the two depends on whether the request or the reset was faster.
      expect(['RETRYABLE', 'UNKNOWN']).toContain(refused(await send()).errorClass);
    });

    given('REFUSE', 'CORE-24 a refused connection is RETRYABLE', async () => {
      await subject.behave({ kind: 'REFUSE' });
      expect(refused(await send())).toMatchObject({ errorClass: 'RETRYABLE', code: 'ECONNREFUSED' });
    });

    given('STATUS', 'goes on after a failure', async () => {
      await subject.behave({ kind: 'STATUS', status: retryable[0] ?? throttled });
      refused(await send(1));
      await subject.behave({ kind: 'ACCEPT' });
      expect(await send(2)).toMatchObject({ outcome: 'ACCEPTED' });
    });

    it('takes many at once', async () => {
      const results = await Promise.all(Array.from({ length: 150 }, () => send()));
      expect(results.every(({ outcome }) => outcome === 'ACCEPTED')).toBe(true);
    });

    it('brings addresses into its form, and says what is wrong with the others', () => {
      for (const [raw, to] of traits.goodAddresses) {
        expect(subject.channel.address(raw)).toEqual({ ok: true, to });
      }
      for (const raw of traits.badAddresses) {
        expect({ raw, ...subject.channel.address(raw) }).toEqual({
          raw,
          ok: false,
          problem: expect.stringMatching(/^(is|has|holds) /),
        });
      }
      expect(subject.channel.address(subject.to)).toEqual({ ok: true, to: subject.to });
    });

    it('refuses contents that it cannot carry', () => {
      expect(subject.channel.check(subject.content)).toBeNull();
      for (const content of traits.badContents) {
        expect({ content, problem: subject.channel.check(content) }).toEqual({
          content,
          problem: expect.stringMatching(/^(is|has) /),
        });
      }
    });

    it('closes with nothing left behind, and refuses what comes later', async () => {
      await subject.channel.warmUp?.();
      await send();
      await subject.channel.close();
      await until(() => subject.connections === undefined || subject.connections() === 0);
      expect(refused(await send())).toMatchObject({ errorClass: 'RETRYABLE' });
    });
  });
}
