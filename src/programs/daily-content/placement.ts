import { hash } from 'node:crypto';
import { type Tier, TIERS } from '../../core/index.js';
import type { TierSizes } from './wave.entity.js';

/**
 * Where in a wave's window each advisor falls due (DC-1). The window is divided among the tiers by their sizes, PRO
 * first. A tier's part is divided into as many equal slots as it has advisors, each has a slot, and falls due at a
 * chance instant in it: by chance like plain jitter, but never many at once, so that a wave that fits under the
 * provider's rate on average fits in every second. Chance is a hash of advisor and occurrence: the same every time.
 */
export interface WaveLayout {
  readonly occurrence: string;
  /** Ms; deliveries fall due in [from, to). */
  readonly from: number;
  readonly to: number;
  readonly sizes: TierSizes;
}

/**
 * Slots are dealt out within blocks of so many: advisors change places from day to day, and yet a wave that is
 * planned page by page is planned from its beginning to its end, should its first instants come during planning.
 */
const BLOCK = 1_000;

/**
 * The instant, in ms, at which an advisor falls due.
 * @param index how many of the tier come before it, in the order of their ids
 */
export function placeInWave(layout: WaveLayout, tier: Tier, index: number, advisor: string): number {
  const [from, to] = partOf(layout, tier);
  const size = layout.sizes[tier];
  const chance = chanceOf(`${layout.occurrence}|${advisor}`);
  // One who came after the layout was made has no slot, and goes anywhere in the part.
  const share = index < size ? (slotOf(layout.occurrence, index, size) + chance) / size : chance;
  return from + Math.min(Math.floor(share * (to - from)), Math.max(to - from - 1, 0));
}

/** The part of the window that belongs to a tier: from (inclusive) and to (exclusive), in ms. */
export function partOf({ from, to, sizes }: WaveLayout, tier: Tier): readonly [number, number] {
  const place = TIERS.indexOf(tier);
  const sizesUpTo = (end: number): number => TIERS.slice(0, end).reduce((sum, name) => sum + sizes[name], 0);
  const all = sizesUpTo(TIERS.length);
  const boundary = (end: number): number =>
    all === 0 ? from : from + Math.round(((to - from) * sizesUpTo(end)) / all);
  return [boundary(place), boundary(place + 1)];
}

/** A permutation of each block: `index -> (index * step + shift) mod size`, with a step that shares no factor with the size. */
function slotOf(occurrence: string, index: number, size: number): number {
  const start = index - (index % BLOCK);
  const length = Math.min(BLOCK, size - start);
  const shift = Math.floor(chanceOf(`${occurrence}|shift`) * length);
  let step = 1 + Math.floor(chanceOf(`${occurrence}|step`) * length);
  while (commonDivisor(step, length) !== 1) step += 1;
  return start + (((index - start) * step + shift) % length);
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}

/** A number in [0, 1) that looks like chance and is always the same for a text. */
function chanceOf(text: string): number {
  return hash('sha256', text, 'buffer').readUIntBE(0, 6) / 2 ** 48;
}
