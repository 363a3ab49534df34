import 'reflect-metadata';
import { Field, InterfaceType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { ERROR_CODES, type ErrorCode as Code, PunctualError } from '../core/index.js';

/** Codes that stop a start: no request ever answers with them. */
const isAnswer = (code: string): boolean => !code.startsWith('START_') && code !== 'CONFIG_INVALID';

const answers = Object.entries(ERROR_CODES).filter(([code]) => isAnswer(code));

/** The GraphQL enum of the codes: the table of core/errors.ts, descriptions and all. */
const ErrorCodeEnum: Record<string, string> = Object.fromEntries(answers.map(([code]) => [code, code]));
registerEnumType(ErrorCodeEnum, {
  name: 'ErrorCode',
  description: 'Why something was not done. New codes may be added: treat an unknown one as INTERNAL_ERROR.',
  valuesConfig: Object.fromEntries(answers.map(([code, description]) => [code, { description }])),
});

/** Codes that are never data (API-2): outages, limits, credentials and our own mistakes go to the top level. */
const TOP_LEVEL: ReadonlySet<Code> = new Set<Code>([
  'UNAUTHENTICATED',
  'RATE_LIMITED',
  'UNAVAILABLE',
  'INTERNAL_ERROR',
]);

@ObjectType('UserError', { description: 'A failure that the caller can do something about (API-2).' })
export class UserError {
  @Field(() => ErrorCodeEnum, { description: 'What kind of failure; stable, to be switched on.' })
  readonly code: Code;

  @Field(() => String, { description: 'One sentence for a person. It may change; do not parse it.' })
  readonly message: string;

  @Field(() => String, {
    nullable: true,
    description: 'The input field at fault, as `at.instant`. Null when it is about no single field.',
  })
  readonly path: string | null;

  @Field(() => Int, {
    nullable: true,
    description:
      'In bulk, the position of the refused item, from 0. Null outside bulk, or when all items are meant.',
  })
  readonly index: number | null;

  constructor(error: PunctualError, index: number | null = null) {
    this.code = error.code;
    this.message = error.message;
    this.path = error.path ?? null;
    this.index = index;
  }
}

/** What every mutation answers with; payload classes `extend` and `implement` it. */
@InterfaceType('Payload', { description: 'What a mutation answers with.' })
export abstract class Payload {
  @Field(() => [UserError], { description: 'Why it was not done, or not in full; empty when all went well.' })
  errors: UserError[] = [];
}

/**
 * Runs a mutation's work and makes its failures data (API-2): a PunctualError that the caller can act on becomes
 * the payload's `errors`, its other fields stay null. Anything else rises to the boundary that masks.
 *
 * @example
 * return asPayload(CancelPayload, async () => {
 *   requireRole(caller, 'MANAGER');
 *   return { delivery: new Delivery(await core.deliveries.cancel(caller, id)) };
 * });
 */
export async function asPayload<P extends Payload>(
  PayloadClass: new () => P,
  work: () => Promise<Partial<P>>,
): Promise<P> {
  try {
    return Object.assign(new PayloadClass(), await work());
  } catch (error) {
    if (!isUserError(error)) throw error;
    const refused = new PayloadClass();
    refused.errors = [new UserError(error)];
    return refused;
  }
}

/** True for errors that belong into a payload, not to the top level. */
export function isUserError(error: unknown): error is PunctualError {
  return error instanceof PunctualError && isAnswer(error.code) && !TOP_LEVEL.has(error.code);
}
