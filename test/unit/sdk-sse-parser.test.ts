import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type ServerSentEvent, ServerSentEventParser } from '../../sdk/src/sse-parser.js';

function parse(...pieces: string[]): ServerSentEvent[] {
  const parser = new ServerSentEventParser();
  return pieces.flatMap((piece) => parser.push(piece));
}

describe('server-sent events', () => {
  it('have a name and data; comments, ids and pauses are passed over', () => {
    const text = ':\n\nevent: next\nid: 7\nretry: 10\ndata: {"a":1}\n\nevent: complete\ndata: \n\n';
    expect(parse(text)).toEqual([
      { event: 'next', data: '{"a":1}' },
      { event: 'complete', data: '' },
    ]);
  });

  it('are named message by default; data of several lines is joined; one space after the colon is no data', () => {
    expect(parse('data:a\ndata:  b\ndata\n\n')).toEqual([{ event: 'message', data: 'a\n b\n' }]);
  });

  it('without data, or without their end, are none', () => {
    expect(parse('event: next\n\n')).toEqual([]);
    expect(parse('data: cut off')).toEqual([]);
    expect(parse('data: cut off\n')).toEqual([]);
  });

  it('begin behind a byte order mark', () => {
    expect(parse('\uFEFFdata: a\n\n')).toEqual([{ event: 'message', data: 'a' }]);
  });

  it('are the same with every kind of line end, wherever the pieces are cut', () => {
    const event = fc.record({
      event: fc.constantFrom('next', 'complete'),
      data: fc
        .array(fc.stringMatching(/^[^\r\n\uFEFF]{0,20}$/), { minLength: 1, maxLength: 3 })
        .map((lines) => lines.join('\n')),
    });
    fc.assert(
      fc.property(
        fc.array(event),
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.array(fc.nat({ max: 400 })),
        (events, end, cuts) => {
          const lines = events.flatMap(({ event: name, data }) => [
            `event: ${name}`,
            ...data.split('\n').map((line) => `data: ${line}`),
            '',
          ]);
          // A lone carriage return at the very end may still become a line end of two characters.
          const text = `${lines.map((line) => line + end).join('')}:`;
          const places = [0, ...cuts.filter((cut) => cut < text.length).sort((a, b) => a - b), text.length];
          const pieces = places.slice(1).map((place, i) => text.slice(places[i], place));
          expect(parse(...pieces)).toEqual(events);
        },
      ),
    );
  });
});
