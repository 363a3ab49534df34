import { describe, expect, it } from '@jest/globals';

import { loadConfig } from '../../src/config.js';
import { createLog } from '../../src/log.js';

const SECRETS = {
  WHATSAPP_BASE_URL: 'https://graph.example.com',
  WHATSAPP_ACCESS_TOKEN: 'EAAG-token-of-meta',
  WHATSAPP_PHONE_NUMBER_ID: '1',
  WHATSAPP_APP_SECRET: 'an-app-secret',
};

function logged(
  env: NodeJS.ProcessEnv,
  isTTY: boolean,
  write: (log: ReturnType<typeof createLog>) => void,
): string {
  const lines: string[] = [];
  write(createLog(loadConfig(env), { isTTY, write: (line) => lines.push(line) }));
  return lines.join('');
}

describe('the log', () => {
  it('SEC-7 masks secrets and addresses in every field, message and error', () => {
    const error = new Error('cannot reach mongodb://app:hunter2@db/x for +919876543210');
    const text = logged(SECRETS, false, (log) => {
      log.warn(
        { err: error, nested: { to: '919876543210', password: 'hunter2' } },
        'Bearer hunter2 asha@example.com',
      );
      log.info(
        { headers: { authorization: 'Basic hunter2' }, key: 'pk_1a2b3c_hunter2hunter2' },
        'EAAG-token-of-meta an-app-secret',
      );
    });
    for (const secret of ['hunter2', '9876543', 'asha@', 'EAAG', 'an-app-secret'])
      expect(text).not.toContain(secret);
    expect(text).toContain('"to":"919***10"');
    expect(text).toContain('+91***10');
    expect(text).toContain('pk_1a2b3c_***');
  });

  it('is JSON in production, and one line for people on a terminal elsewhere', () => {
    const line = (env: NodeJS.ProcessEnv) =>
      logged(env, true, (log) => log.warn({ retryInMs: 500 }, 'Redis is lost'));
    expect(JSON.parse(line({ NODE_ENV: 'production' }))).toMatchObject({
      level: 'warn',
      msg: 'Redis is lost',
      retryInMs: 500,
    });
    expect(line({})).toMatch(/^\d\d:\d\d:\d\d\.\d{3} WARN {2}Redis is lost retryInMs=500\n$/);
  });

  it('shows an error in one line, and its stack where the line is an error', () => {
    const error = Object.assign(new Error('no'), { code: 'UNAVAILABLE' });
    expect(logged({}, true, (log) => log.warn({ err: error }, 'failed'))).toMatch(
      /failed error=UNAVAILABLE: no\n$/,
    );
    expect(logged({}, true, (log) => log.error({ err: error }, 'failed'))).toMatch(
      /UNAVAILABLE: no\nError: no\n +at /,
    );
  });

  it('SEC-7 masks a field by its name on a terminal too, where its value alone does not show what it is', () => {
    const token = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhc2hhIn0.hunter2hunter2';
    const line = logged({}, true, (log) => log.warn({ to: '919876543210', token }, 'sent'));
    expect(line).toContain('sent to=919***10 token=***');
  });

  it('leaves out what is below LOG_LEVEL', () => {
    expect(logged({ LOG_LEVEL: 'error' }, false, (log) => log.warn('x'))).toBe('');
  });
});
