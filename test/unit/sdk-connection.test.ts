import { describe, expect, it } from '@jest/globals';
import { type ConnectionState, PunctualClientError } from '#sdk';
import { Connections } from '../../sdk/src/connection.js';

const broken = new PunctualClientError('NETWORK_ERROR', 'broken');

describe('the state of a connection', () => {
  it('is that of the worst of its subscriptions, and idle without any', () => {
    const connections = new Connections();
    expect(connections.state).toBe('idle');
    const [a, b] = [connections.join(), connections.join()];
    expect(connections.state).toBe('connecting');
    a.open();
    expect(connections.state).toBe('connecting');
    b.open();
    expect(connections.state).toBe('open');
    b.lose(broken);
    expect([connections.state, connections.error]).toEqual(['lost', broken]);
    b.leave();
    expect([connections.state, connections.error]).toEqual(['open', undefined]);
    a.leave();
    expect(connections.state).toBe('idle');
  });

  it('is told when it changes, and only then, until the listener leaves', async () => {
    const connections = new Connections();
    const told: ConnectionState[] = [];
    const leave = connections.onChange((state) => told.push(state));
    const place = connections.join();
    place.open();
    place.open();
    place.lose(broken);
    place.lose(broken);
    place.open();
    await Promise.resolve();
    expect(told).toEqual(['connecting', 'open', 'lost', 'open']);
    leave();
    place.leave();
    await Promise.resolve();
    expect(told).toHaveLength(4);
  });
});
