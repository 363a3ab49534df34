import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** `npm run dev:dashboard` serves it with the API of a running `npm start` behind it. */
const API = process.env['PUNCTUAL_URL'] ?? 'http://127.0.0.1:4000';

export default defineConfig({
  root: path('.'),
  // The SDK from its sources, as everywhere in this repository.
  resolve: { alias: { '#sdk': path('../sdk/src/index.ts') } },
  build: {
    outDir: path('dist'),
    emptyOutDir: true,
    // Every file by its own address: the page's policy permits nothing that is written into it.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // light-dark(): 2024.
    target: ['chrome123', 'edge123', 'firefox120', 'safari17.5'],
    license: { fileName: 'licences.md' },
  },
  server: { proxy: { '/graphql': { target: API, ws: true } } },
});
