import { access, constants, mkdir } from 'node:fs/promises';

import { PunctualError } from '../../core/errors.js';

/** Makes the data folder if need be. Throws START_DATA_FOLDER_NOT_WRITABLE when nothing can be written there. */
export async function ensureDataFolder(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true });
    await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw notWritable(dataDir, error);
  }
}

/** The coded error for a failed write in the data folder. */
export function notWritable(dataDir: string, cause: unknown): PunctualError {
  const why = (cause as NodeJS.ErrnoException).code ?? String(cause);
  return new PunctualError(
    'START_DATA_FOLDER_NOT_WRITABLE',
    `The data folder ${dataDir} cannot be written (${why}): make it writable, or set PUNCTUAL_DATA_DIR to another folder.`,
    { cause },
  );
}
