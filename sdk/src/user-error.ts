import type { ErrorCode } from './generated/graphql.js';

/** One of a payload's `errors`. */
export interface UserErrorData {
  readonly code: ErrorCode;
  readonly message: string;
  /** The field of the input that is at fault; null: no single one. */
  readonly path?: string | null | undefined;
  /** The item's place in a bulk input, from 0; null outside of bulk. */
  readonly index?: number | null | undefined;
}

/** What the caller's input caused, thrown by `orThrow`: the first error, with all of them in `errors`. */
export class PunctualUserError extends Error {
  override readonly name = 'PunctualUserError';
  readonly code: ErrorCode;
  /** The field of the input that is at fault; null: no single one. */
  readonly path: string | null;
  /** The item's place in a bulk input, from 0; null outside of bulk. */
  readonly index: number | null;

  /** @param errors at least one */
  constructor(readonly errors: readonly [UserErrorData, ...UserErrorData[]]) {
    const [{ code, message, path = null, index = null }] = errors;
    const others = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
    super(`${code}: ${message}${others}`);
    this.code = code;
    this.path = path;
    this.index = index;
  }
}

/**
 * For those who prefer exceptions: gives the payload back if nothing in it was refused.
 * @example const { delivery } = orThrow((await client.request(ScheduleDocument, { input })).schedule)
 * @throws PunctualUserError; in bulk it is thrown for one refused item, though the others were accepted
 */
export function orThrow<Payload extends { readonly errors: readonly UserErrorData[] }>(
  payload: Payload,
): Payload {
  const [first, ...others] = payload.errors;
  if (first) throw new PunctualUserError([first, ...others]);
  return payload;
}
