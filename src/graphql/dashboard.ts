import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import express, { type RequestHandler, Router } from 'express';
import { PunctualError } from '../core/index.js';

/** Where the build leaves the dashboard: the same place from `src` and from `dist`. */
const FOLDER = fileURLToPath(new URL('../../dashboard/dist/', import.meta.url));

/** Scripts, styles, fonts and connections from here and from nowhere else; nobody frames it. */
const POLICY =
  "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * The dashboard's files. They are the same for everybody and hold no figure, so they need no key; everything that they
 * show is asked for over the API with the key of whoever watches (API-10).
 */
export function dashboardFiles(): RequestHandler {
  const router = Router();
  router.use(['/assets', '/theme.js'], secured);
  // The name of each holds a hash of what is in it, so that a browser never has to ask again.
  router.use(
    '/assets',
    express.static(`${FOLDER}assets`, { immutable: true, maxAge: '365d', index: false, redirect: false }),
  );
  router.get('/theme.js', (_request, response) => {
    response.set('cache-control', 'no-cache').sendFile('theme.js', { root: FOLDER, cacheControl: false });
  });
  return router;
}

/** The page itself, which names those files. @throws NOT_FOUND when the dashboard was not built */
export function dashboardPage(): RequestHandler {
  return (request, response, next) => {
    if (!existsSync(`${FOLDER}index.html`)) {
      throw new PunctualError('NOT_FOUND', 'the dashboard is not built: run npm run build');
    }
    secured(request, response, () => {
      response.set('cache-control', 'no-cache');
      response.sendFile('index.html', { root: FOLDER, cacheControl: false }, (error: unknown) => {
        // Who leaves in mid-answer is no error.
        if (error !== undefined && !response.headersSent) next(error);
      });
    });
  };
}

const secured: RequestHandler = (_request, response, next) => {
  response.set({
    'content-security-policy': POLICY,
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
  });
  next();
};
