import { dailyContent } from './daily-content/index.js';
import type { Program } from './program.js';

/** Every program that this build knows, in the order in which they start. */
export const PROGRAMS: readonly Program[] = [dailyContent];
