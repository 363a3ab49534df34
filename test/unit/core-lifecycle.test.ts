import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import {
  ACCEPTED,
  type DeliveryState,
  FAILED_STATES,
  type Move,
  MOVES,
  OPEN,
  STATES,
  WAITING,
} from '../../src/core/delivery/states.js';
import { EVENTS } from '../../src/core/events/event-map.js';

const DOC = join(import.meta.dirname, '../../docs/lifecycle.md');

/** The rows of the table under a heading, each as its trimmed cells; the table's own head is left out. */
function tableUnder(text: string, heading: string): string[][] {
  const section = text.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2).map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

function statesIn(text: string): DeliveryState[] {
  return STATES.filter((state) => new RegExp(`\\b${state}\\b`).test(text));
}

/** `A, B → C → D; E → F`: each state before an arrow can be left, each one behind an arrow can be entered. */
function fromAndTo(cell: string): { from: Set<DeliveryState>; to: Set<DeliveryState> } {
  const steps = cell.split(';').map((clause) => clause.split('→').map(statesIn));
  return {
    from: new Set(steps.flatMap((clause) => clause.slice(0, -1).flat())),
    to: new Set(steps.flatMap((clause) => clause.slice(1).flat())),
  };
}

const doc = await readFile(DOC, 'utf8');
const moves = tableUnder(doc, 'Moves');
const states = tableUnder(doc, 'States');
const documented = moves.map(([name = '', fromTo = '', , , event = '']) => ({ name, fromTo, event }));

describe('CORE-1 docs/lifecycle.md and the table of moves', () => {
  it('name the same moves in the same order', () => {
    expect(documented.map((move) => move.name)).toEqual(Object.keys(MOVES));
  });

  it.each(documented)('agree on the states that $name leaves and enters', ({ name, fromTo }) => {
    const move = MOVES[name as Move];
    expect(fromAndTo(fromTo)).toEqual({ from: new Set(move.from), to: new Set(move.to) });
  });

  it.each(documented)('name an event for each state that $name enters', ({ name, event }) => {
    const named = new Set([...event.matchAll(/`([^`]+)`/g)].map(([, type]) => type));
    expect(named).toEqual(new Set(MOVES[name as Move].to.map((state) => `delivery.${state.toLowerCase()}`)));
    for (const type of named) expect(EVENTS).toHaveProperty([type ?? '']);
  });

  it('describe every state once', () => {
    expect(states.flatMap(([names = '']) => statesIn(names)).sort()).toEqual([...STATES].sort());
  });

  it.each([
    ['cancel', 'cancel'],
    ['reschedule', 'reschedule'],
    ['retryFailed', 'revive'],
  ] as const)('CORE-4 CORE-26 agree where a caller may %s', (word, move) => {
    const permitted = states
      .filter(([, , what = '']) => new RegExp(`\\b${word}\\b`).test(what))
      .flatMap(([names = '']) => statesIn(names));
    expect(new Set(permitted)).toEqual(new Set(MOVES[move].from));
  });
});

describe('CORE-1 the table of moves', () => {
  const all = Object.values(MOVES);
  const entered = new Set<DeliveryState>(all.flatMap((move) => [...move.to]));
  const left = new Set<DeliveryState>(all.flatMap((move) => [...move.from]));

  it('leads into every state, from an acceptance on', () => {
    const reached = new Set<DeliveryState>(MOVES.accept.to);
    for (let size = 0; size < reached.size;) {
      size = reached.size;
      for (const move of all)
        if (move.from.some((from: DeliveryState) => reached.has(from)))
          for (const to of move.to) reached.add(to);
    }
    expect(reached).toEqual(new Set(STATES));
    expect(entered).toEqual(new Set(STATES));
  });

  it('leaves no state but the ends: RESPONDED, CANCELLED and MISSED', () => {
    expect(STATES.filter((state) => !left.has(state))).toEqual(['RESPONDED', 'CANCELLED', 'MISSED']);
  });

  it('CORE-4 lets a caller cancel and reschedule exactly while no attempt is under way', () => {
    expect(MOVES.cancel.from).toBe(OPEN);
    expect(MOVES.reschedule.from).toBe(OPEN);
    expect(OPEN).not.toContain('SENDING');
  });

  it('has groups of states that do not overlap', () => {
    const grouped = [...OPEN, 'SENDING', ...ACCEPTED, ...FAILED_STATES, 'CANCELLED', 'MISSED'];
    expect([...grouped].sort()).toEqual([...STATES].sort());
    expect(OPEN).toEqual(expect.arrayContaining([...WAITING]));
  });

  it('CORE-1 has an event for each state, and none for another', () => {
    const types = Object.keys(EVENTS).filter((type) => type.startsWith('delivery.'));
    expect(types.sort()).toEqual(STATES.map((state) => `delivery.${state.toLowerCase()}`).sort());
  });
});
