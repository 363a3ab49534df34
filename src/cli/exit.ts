/** The exit codes of every command. They are public (spec/outside.md). */
export const EXIT = { done: 0, failed: 1, wrongUse: 2 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Takes what a command ends with. */
export type Finish = (code: ExitCode) => void;

/** Prints the one line of a failure to stderr and says which exit code it is. */
export function reportFailure(error: unknown): ExitCode {
  const { code, message } = named(error);
  process.stderr.write(`punctual: ${code} ${oneLine(message)}\n`);
  return code === 'CONFIG_INVALID' || code.startsWith('START_') ? EXIT.wrongUse : EXIT.failed;
}

/** Our own errors, the SDK's and the system's all have a code; anything else is a fault of ours. */
function named(error: unknown): { code: string; message: string } {
  if (!(error instanceof Error)) return { code: 'INTERNAL_ERROR', message: String(error) };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'INTERNAL_ERROR';
  return { code, message: error.message };
}

/** The same text without line breaks. */
export function oneLine(text: string): string {
  return text.trim().replaceAll(/\s*\n\s*/g, ' ');
}
