import { readFile } from 'node:fs/promises';

import type { ChildExit } from './child/guarded-child.js';

/** mongod's exit code when it cannot listen on its port. */
export const PORT_TAKEN_EXIT = 48;

/** mongod's exit code when its data was written by a version that it cannot read. */
const OTHER_VERSION_EXIT = 62;

/** Why mongod ended while it started, in one line: its own last error if it wrote one, and where its log is. */
export async function mongodComplaint(logPath: string, exit: ChildExit): Promise<string> {
  const lines = (await readFile(logPath, 'utf8')).split('\n');
  const said = lines.map(errorText).findLast((text) => text !== undefined);
  const ended = exit.signal === null ? `it ended with ${exit.code}` : `it was ended by ${exit.signal}`;
  const hint =
    exit.code === OTHER_VERSION_EXIT
      ? '; the data was written by another version of MongoDB: use that one'
      : '';
  return `${said === undefined ? ended : `${ended}: ${said}`}${hint} (its log: ${logPath})`;
}

/** The text of a log line of severity E(rror) or F(atal). */
function errorText(line: string): string | undefined {
  if (!/"s":"[EF]"/.test(line)) return undefined;
  try {
    const entry = JSON.parse(line) as { msg: string; attr?: { error?: unknown } };
    const { error } = entry.attr ?? {};
    const detail =
      typeof error === 'string' ? error : error === undefined ? entry.msg : JSON.stringify(error);
    return detail.replace(/\s+/g, ' ').slice(0, 200);
  } catch {
    // A line that was cut off when mongod died.
    return undefined;
  }
}
