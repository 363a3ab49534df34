import type { ApolloServerPlugin } from '@apollo/server';
import type { Context } from '../schema/context.js';

/** Apollo's codes for a document that is not a valid one of this schema, or has other variables. */
const FAULTS: ReadonlySet<unknown> = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
]);

/**
 * GraphQL over HTTP (SEC-8) has clients which name `application/json` as what they accept get 200 for a document that is
 * at fault: to them, other statuses are those of things in between. Everybody else gets 400. What is refused for its size
 * is told so once, with its own status for all; and so is what is refused before GraphQL has begun.
 */
export const httpAnswer: ApolloServerPlugin<Context> = {
  requestDidStart: () =>
    Promise.resolve({
      willSendResponse: async ({ request, response, errors = [] }) => {
        const { body } = response;
        if (body.kind !== 'single' || body.singleResult.data !== undefined) return;
        const tooComplex = body.singleResult.errors?.find(
          ({ extensions }) => extensions?.['code'] === 'QUERY_TOO_COMPLEX',
        );
        if (tooComplex) {
          body.singleResult.errors = [tooComplex];
          return;
        }
        const atFault = errors.length > 0 && errors.every(({ extensions }) => FAULTS.has(extensions['code']));
        if (atFault && namesJsonOnly(request.http?.headers.get('accept'))) response.http.status = 200;
      },
    }),
};

function namesJsonOnly(accept = ''): boolean {
  return accept.includes('application/json') && !accept.includes('application/graphql-response+json');
}
