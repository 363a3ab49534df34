import { createHash } from 'node:crypto';
import type { RequestHandler } from 'express';

/** Stands in the page's options where a script is to put the key. */
const MARK = '__AUTHORIZATION__';

/**
 * The key comes from the address's fragment, which browsers do not send: `/graphql#key=pk_...` fills the headers
 * editor, and the page itself is the same for everybody.
 */
const HEADERS_FROM_FRAGMENT =
  '((key) => key ? JSON.stringify({ Authorization: "Bearer " + key }) : undefined)(new URLSearchParams(location.hash.slice(1)).get("key"))';

/**
 * GraphiQL with nothing from the network: scripts, fonts and workers are in the page. Subscriptions go over SSE,
 * which takes the headers editor's key. The page is 9 MB, so it is loaded when first asked for.
 */
export function graphiql(): RequestHandler {
  let page: Promise<{ html: string; etag: string }> | undefined;
  const load = async (): Promise<{ html: string; etag: string }> => {
    const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
    const options = {
      title: 'Punctual',
      endpoint: '/graphql',
      subscriptionsProtocol: 'GRAPHQL_SSE',
      headers: MARK,
    } as const;
    const html = renderGraphiQL(options).replace(`"${MARK}"`, HEADERS_FROM_FRAGMENT);
    return { html, etag: `"${createHash('sha256').update(html).digest('base64url')}"` };
  };
  return async (request, response) => {
    const { html, etag } = await (page ??= load());
    response.set({
      etag,
      'cache-control': 'no-cache',
      'content-security-policy':
        "default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval'; frame-ancestors 'none'; form-action 'none'; base-uri 'none'",
    });
    if (request.headers['if-none-match'] === etag) response.status(304).end();
    else response.type('html').send(html);
  };
}
