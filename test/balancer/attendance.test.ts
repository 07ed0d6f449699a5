/** How the end of a client is noticed, and what becomes of one that does not read. */
import { FIRST_RETRY_MS, LAST_RETRY_MS, PROBES_PER_TICK, RETRIES_PER_TICK } from '../../src/balancer/limits';
import { type FakeClient, LIMITS, lastOf, World } from './world';

const BYTES = Uint8Array.of(1, 2, 3);

/** What a client was told, in short. */
const types = ({ told }: FakeClient) => told.map(({ type }) => type);

describe('the end of a client', () => {
  test('by its word frees its attachment', () => {
    const world = World.open();
    const client = world.join('alice');
    world.fromClient(client, { type: 'bye', attachment: client.attachment });
    expect(world.server(1).attached.size).toBe(0);
    expect(world.info().clients).toBe(0);
  });

  test('by its silence is noticed, and when it speaks again it is told to come anew', () => {
    const world = World.open();
    const client = world.join('alice');
    client.runs = false;
    world.pass(LIMITS.clientDeadAfterMs);
    expect(world.info().clients).toBe(1);
    world.pass(200);
    expect(world.info().clients).toBe(0);
    expect(world.server(1).attached.size).toBe(0);
    client.runs = true;
    world.ping(client);
    expect(client.told.at(-1)).toEqual({ type: 'unknown' });
  });

  test('by its closed connection is noticed at the next tick', () => {
    const world = World.open();
    const [killed, ...others] = world.joinMany(9) as [FakeClient, ...FakeClient[]];
    world.killClient(killed);
    expect(world.info().clients).toBe(9);
    world.tick();
    expect(world.info().clients).toBe(8);
    expect(world.server(killed.server).attached.size).toBe(2);
    // The others hear something that means nothing to them, once.
    expect(others.every((client) => types(client).join() === 'attached,pong')).toBe(true);
    world.effects.length = 0;
    world.tick();
    expect(world.effects).toEqual([]);
  });

  test('is looked for in as many clients a tick as are allowed, each once', () => {
    const count = 2 * PROBES_PER_TICK + 5;
    const world = World.open({ limits: { clients: count } });
    const clients = world.joinMany(count);
    const probed = () => world.effects.flatMap((effect) => (effect.type === 'toClient' ? [effect.peer] : []));
    world.killClient(clients.at(-1) as FakeClient);
    const seen: string[] = [];
    for (const expected of [PROBES_PER_TICK, PROBES_PER_TICK, 5, 0]) {
      world.effects.length = 0;
      world.tick();
      expect(probed()).toHaveLength(expected);
      seen.push(...probed());
    }
    expect(new Set(seen).size).toBe(count);
    expect(world.info().clients).toBe(count - 1);
    // And once more when somebody else closes.
    world.killClient(clients[0] as FakeClient);
    world.tick();
    expect(world.info().clients).toBe(count - 2);
  });

  test('is looked for once in those who have left by themselves: what waits for them is counted until it is gone', () => {
    const world = World.open();
    const [first, second, third] = world.joinMany(3) as [FakeClient, FakeClient, FakeClient];
    world.killClient(first);
    second.connected = false;
    for (const client of [first, second]) world.fromClient(client, { type: 'bye', attachment: 0 });
    for (const expected of [[first.peer, second.peer, third.peer], []]) {
      world.effects.length = 0;
      world.tick();
      expect(world.effects.map((effect) => effect.type === 'toClient' && effect.peer)).toEqual(expected);
    }
  });

  test('is found in a bounded time however many others close and come meanwhile', () => {
    const count = 3 * PROBES_PER_TICK;
    const world = World.open({ limits: { clients: 2 * count } });
    const clients = world.joinMany(count);
    world.killClient(clients.at(-1) as FakeClient);
    for (let tick = 0; tick < 3; tick += 1) {
      const visitor = world.join(`visitor ${tick}`);
      world.killClient(visitor);
      world.tick();
    }
    expect(
      world.balancer.onClient((clients.at(-1) as FakeClient).peer, { type: 'ping', attachment: 1, token: 0 }, BYTES, 0),
    ).toEqual([expect.objectContaining({ frame: { type: 'unknown' } })]);
  });

  test('on the server only makes the client come anew', () => {
    const world = World.open();
    const client = world.join('alice');
    const { attachment } = client;
    world.fromServer(world.server(2), { type: 'detach', attachment }); // Not its server.
    expect(client.attachment).toBe(attachment);
    world.effects.length = 0;
    world.fromServer(world.server(1), { type: 'detach', attachment });
    expect(world.effects).toEqual([{ type: 'toClient', peer: client.peer, frame: { type: 'unknown' } }]);
    world.hello(client);
    expect(client.attachment).not.toBe(0);
    expect(world.info().clients).toBe(1);
  });

  test('of its attachment is told to one that pings for it', () => {
    const world = World.open();
    const client = world.join('alice');
    const { attachment } = client;
    world.ping(client);
    expect(client.told.at(-1)).toEqual({ type: 'pong', token: client.token });
    world.hello(client);
    world.fromClient(client, { type: 'ping', attachment, token: 0 });
    expect(client.told.at(-1)).toEqual({ type: 'unknown' });
  });
});

describe('a client that does not read', () => {
  const stall = (world: World, client: FakeClient) => {
    client.runs = false;
    world.fromServer(
      world.server(client.server),
      { type: 'data', to: [{ attachment: client.attachment, number: 1 }] },
      BYTES,
    );
  };
  const attempts = (world: World, { peer }: FakeClient) =>
    world.effects.filter((effect) => effect.type === 'toClient' && effect.peer === peer).length;

  test('loses its attachment, and nothing more is queued for it', () => {
    const world = World.open();
    const client = world.join('alice');
    const { attachment } = client;
    stall(world, client);
    expect(world.server(1).attached.size).toBe(0);
    world.effects.length = 0;
    world.fromServer(world.server(1), { type: 'data', to: [{ attachment, number: 2 }] }, BYTES);
    world.ping(client);
    expect(world.effects.map(({ type }) => type)).toEqual(['toServer']); // Told again that it is gone.
    expect(world.info().clients).toBe(1);
  });

  test('gets a fresh attachment on its server once it can be written to again', () => {
    const world = World.open();
    world.join('somebody');
    const client = world.join('alice');
    const { attachment } = client;
    stall(world, client);
    world.join('in its place');
    world.pass(FIRST_RETRY_MS);
    client.runs = true;
    world.pass(1000);
    expect(client.told.at(-1)?.type).toBe('pong');
    expect(lastOf(client, 'attached')).toMatchObject({ server: 2, reason: 'lagged' });
    expect(client.attachment).not.toBe(attachment);
    expect(world.server(2).attached.has(client.attachment)).toBe(true);
  });

  test('gets another server when its own died meanwhile', () => {
    const world = World.open();
    const client = world.join('alice');
    stall(world, client);
    world.killServer(1);
    client.runs = true;
    world.pass(1000);
    expect(lastOf(client, 'attached')).toMatchObject({ server: 2, reason: 'lagged' });
    // What happened once is not said of the next attachment.
    world.killServer(2);
    expect(lastOf(client, 'attached')).toMatchObject({ server: 3, reason: 'lost' });
  });

  test('gets another server when its own cannot serve', () => {
    const world = World.open();
    const client = world.join('alice');
    stall(world, client);
    world.beat(world.server(1), { serving: false });
    client.runs = true;
    world.pass(1000);
    expect(client.server).toBe(2);
  });

  test('is not bound to its server by that, once it had another one', () => {
    const world = World.open();
    const client = world.join('alice');
    stall(world, client);
    client.runs = true;
    world.pass(1000);
    expect(client.server).toBe(1);
    world.hello(client);
    expect(client.told.at(-1)).toMatchObject({ type: 'attached', server: 1, reason: 'new' });
    world.killServer(1);
    expect(client.server).toBe(2);
    world.startServer(1);
    world.joinMany(4);
    world.killServer(2);
    expect(world.occupancy()).toEqual([3, 0, 2]);
    expect(client.server).toBe(3);
  });

  test('is left alone while it waits for a server, too', () => {
    const world = new World({ limits: { clientDeadAfterMs: 10 ** 9 } });
    const client = world.join('alice');
    client.runs = false;
    world.startServer(1); // What it is told now cannot be written.
    world.effects.length = 0;
    world.startServer(2);
    expect(attempts(world, client)).toBe(0);
    for (let second = 0; second < 60; second += 1) {
      world.pass(1000);
      world.ping(client); // It has not read what it was told, but has no attachment all the same.
    }
    expect(attempts(world, client)).toBeLessThan(20);
  });

  test('is tried again ever more rarely, until it is seen to read', () => {
    const world = World.open({ limits: { clientDeadAfterMs: 10 ** 9 } });
    const client = world.join('alice');
    stall(world, client);
    // All that was on its way is told to be undelivered, one by one: that is one stall.
    for (let time = 0; time < 9; time += 1) {
      world.perform(world.balancer.onUndelivered('client', client.peer, 'full', world.nowMs));
    }
    const triedWithin = (ms: number) => {
      world.effects.length = 0;
      world.pass(ms);
      return attempts(world, client);
    };
    // After 100, 300, 700, 1500, 3100, 6300 ms, and from then on every 6.4 s.
    expect(triedWithin(1000)).toBe(3);
    expect(triedWithin(6000)).toBe(3);
    expect(triedWithin(10 * LAST_RETRY_MS)).toBe(10);
    client.runs = true;
    world.pass(LAST_RETRY_MS);
    expect(lastOf(client, 'attached')?.reason).toBe('lagged');
    world.pass(1000); // It pings with the new attachment: it has read.
    stall(world, client);
    expect(triedWithin(1000)).toBe(3);
  });

  test('is one of so many that are tried in a tick, and all of them are', () => {
    const count = 2 * RETRIES_PER_TICK + 1;
    const world = World.open({ limits: { clients: count } });
    const clients = world.joinMany(count);
    for (const client of clients) stall(world, client);
    const tried: number[] = [];
    world.nowMs += 50;
    for (let tick = 0; tick < 4; tick += 1) {
      world.nowMs += 50;
      world.effects.length = 0;
      world.tick();
      tried.push(clients.filter((client) => attempts(world, client) > 0).length);
    }
    expect(tried).toEqual([RETRIES_PER_TICK, RETRIES_PER_TICK, 1, 0]);
  });

  test('is forgotten when it goes, stalled as it is', () => {
    const world = World.open();
    const client = world.join('alice');
    stall(world, client);
    world.killClient(client);
    world.pass(FIRST_RETRY_MS);
    expect(world.info().clients).toBe(0);
    world.effects.length = 0;
    world.pass(2 * LAST_RETRY_MS);
    expect(attempts(world, client)).toBe(0);
  });

  test('that says hello is tried at once', () => {
    const world = World.open();
    const client = world.join('alice');
    stall(world, client);
    client.runs = true;
    world.hello(client);
    expect(client.told.at(-1)).toMatchObject({ type: 'attached', server: 1, reason: 'lagged' });
    const { attachment } = client;
    world.pass(1000);
    expect(client.attachment).toBe(attachment);
  });

  test('that says goodbye is not tried again', () => {
    const world = World.open();
    const client = world.join('alice');
    stall(world, client);
    world.fromClient(client, { type: 'bye', attachment: 0 });
    world.effects.length = 0;
    world.pass(2 * LAST_RETRY_MS);
    expect(world.effects.filter(({ type }) => type === 'toClient')).toEqual([]);
    expect(world.server(1).attached.size).toBe(0);
  });
});
