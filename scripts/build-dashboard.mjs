/**
 * Builds the dashboard into dashboard/dist. An installation without development dependencies (`npm ci --omit=dev`) has
 * nothing to build it with: then this says so, and the server works without the page.
 */
import { fileURLToPath } from 'node:url';

const configFile = fileURLToPath(new URL('../dashboard/vite.config.ts', import.meta.url));

try {
  const { build } = await import('vite');
  await build({ configFile, logLevel: 'warn' });
} catch (error) {
  if (error.code !== 'ERR_MODULE_NOT_FOUND' || !error.message.includes("'vite'")) throw error;
  console.error('The dashboard is not built: that takes the development dependencies.');
}
