/** Payloads go where they belong, unread; what belongs to an attachment that is over goes nowhere. */
import { type FakeClient, World } from './world';

const BYTES = Uint8Array.of(1, 2, 3);

describe('payloads', () => {
  test('go to the server of the attachment, unread', () => {
    const world = World.open();
    const client = world.join('alice');
    world.effects.length = 0;
    const { attachment } = client;
    world.fromClient(client, { type: 'data', attachment }, BYTES);
    expect(world.effects).toEqual([
      { type: 'payloadToServer', peer: world.server(1).peer, attachment, payload: BYTES },
    ]);
    const [effect] = world.effects;
    expect(effect?.type === 'payloadToServer' && effect.payload).toBe(BYTES);
  });

  test('go once to all whom they are for, each with its own number', () => {
    const world = World.open({ servers: 1 });
    const [first, second] = world.joinMany(2) as [FakeClient, FakeClient];
    world.effects.length = 0;
    const to = [first, second].map(({ attachment }, index) => ({ attachment, number: 7 + index }));
    world.fromServer(world.server(1), { type: 'data', to }, BYTES);
    expect(world.effects).toEqual([
      {
        type: 'payloadToClients',
        to: [
          { peer: first.peer, addressee: to[0] },
          { peer: second.peer, addressee: to[1] },
        ],
        payload: BYTES,
      },
    ]);
  });

  test('of an attachment that is over are dropped: the client has heard, or hears, of its next one', () => {
    const world = World.open();
    const client = world.join('alice');
    const { attachment } = client;
    world.hello(client);
    world.effects.length = 0;
    world.fromClient(client, { type: 'data', attachment }, BYTES);
    expect(world.effects).toEqual([]);
  });

  test('of a client that is not known are answered so', () => {
    const world = World.open();
    const client = world.join('alice');
    world.fromClient(client, { type: 'bye', attachment: client.attachment });
    world.fromClient(client, { type: 'data', attachment: client.attachment }, BYTES);
    expect(client.told.at(-1)).toEqual({ type: 'unknown' });
  });

  test('for an attachment that is over reach nobody, and the server is told', () => {
    const world = World.open();
    const client = world.join('alice');
    const [one, two] = [world.server(1), world.server(2)];
    const { attachment } = client;
    world.effects.length = 0;
    world.fromServer(two, { type: 'data', to: [{ attachment, number: 1 }] }, BYTES); // Another server's client.
    world.fromServer(one, { type: 'data', to: [{ attachment: attachment + 9, number: 1 }] }, BYTES);
    expect(world.effects).toEqual([
      { type: 'toServer', peer: two.peer, frame: { type: 'gone', attachment } },
      { type: 'toServer', peer: one.peer, frame: { type: 'gone', attachment: attachment + 9 } },
    ]);
  });

  test('of a server that has not registered reach nobody', () => {
    const world = World.open();
    const { attachment } = world.join('alice');
    const to = [{ attachment, number: 1 }];
    expect(world.balancer.onServer('a stranger', { type: 'data', to }, BYTES, 0)).toEqual([]);
    expect(world.balancer.onServer('a stranger', { type: 'leaving' }, BYTES, 0)).toEqual([]);
    expect(world.balancer.onServer('a stranger', { type: 'detach', attachment }, BYTES, 0)).toEqual([]);
  });
});
